"""The messages and stubs of the contract `fastroute.v1`, for programs that want protobuf's own types.

Generated from proto/fastroute/v1 by `make generate`, but for this page. Needs the extra `grpc`.
`fastroute.Client` does without them.
"""
