"""Django management: the commands of this project and the process manager behind `manage.py up`."""
