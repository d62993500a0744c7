"""The way of a record to the public: proposals, review, and what follows from them."""
