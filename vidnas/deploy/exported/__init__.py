"""A network that was exported: what its file says, and how it runs there.

about        what is said of an exported network, beside its file and inside
flatbuffer   the inside of a LiteRT file: what it says, operators, ranges
litert       its runners in LiteRT; saved_model, onnx: those of the other formats
agreement    does it compute what the Keras network computes?
"""
