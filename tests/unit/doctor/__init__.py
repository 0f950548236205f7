"""What `mockaws doctor` finds in made-up environments and directories."""
