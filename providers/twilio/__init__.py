"""Resource handlers for Twilio: each thing of an account that this program keeps in shape, one per file."""
