"""Configurations of layers, a module for each family; layer_values.py runs them."""
