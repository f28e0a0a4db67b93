"""In which words a gateway of each platform is told what to cut."""
