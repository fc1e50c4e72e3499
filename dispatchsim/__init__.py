"""Two AI voice agents hold a freight call in a LiveKit room while people listen."""
