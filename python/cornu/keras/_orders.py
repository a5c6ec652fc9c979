"""Where Keras's constructors take their options in another order than its configs have them, and how many must be given."""

ORDERS = {}
REQUIRED = {}
