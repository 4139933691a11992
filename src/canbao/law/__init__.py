"""China's social insurance as rules and dated, sourced parameters: one folder a scheme."""
