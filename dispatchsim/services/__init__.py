"""What the system does. The only code that writes rows."""
