"""The editorial policy of the networks: who publishes what an organisation enters, and who reviews it."""
