"""The workspace: where partners look after what they have, in minutes a week.  Everything here is behind sign-in."""
