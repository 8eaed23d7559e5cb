"""DataFrame in, DataFrame out; one module per target table. No session, clock or I/O."""
