"""A network becomes a file that other programs run.

step         the function that is exported: one frame of a stream, or a clip
ranges       ranges of integers, observed on real streams, and rounding to them
litert       LiteRT files: float32, float16, dynamic, int8
saved_model, onnx     the formats of servers
keras_code   plain Keras code, for a reader to own
"""
