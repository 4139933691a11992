"""The application as Django sees it: settings, addresses, and the two servers."""
