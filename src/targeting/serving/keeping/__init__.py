"""What keeps a service going over years: backups and restores, and what other systems are handed."""
