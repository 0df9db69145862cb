"""SMS to applicants: made from events, sent through a gateway, with delivery status."""
