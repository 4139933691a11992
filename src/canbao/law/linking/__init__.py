"""Moving between schemes and provinces."""
