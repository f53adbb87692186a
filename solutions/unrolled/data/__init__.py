"""What the chapters learn from: data that is embedded, deterministic and there without a network."""
