//! Serves decisions over gRPC and HTTP.
