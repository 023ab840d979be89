"""What do phones want of an integer file that the converter does not give?

Hard swish in floats, between convolutions in integers: no fast kernel of integers
computes it, and with one a network is slower than in floats. Dense layers that stay
float, as the classifier's, hold their weights in 8 bits all the same, as files of
dynamic range do.
"""

from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

SLOW = schema.BuiltinOperator.HARD_SWISH
DENSE = schema.BuiltinOperator.FULLY_CONNECTED
LEAST_WEIGHTS = 1024  # of a dense layer that is held in 8 bits, as the converter has it
ALIGNMENT = 16  # bytes; of buffers, by the schema


class _Buffer(schema.BufferT):
    """A buffer that lies in the file where kernels can read it."""

    def Pack(self, builder: Any) -> Any:  # noqa: N802, a name of the schema
        """As the schema has it, but at a place that kernels can read from."""
        if self.data is not None and len(self.data):
            data = np.asarray(self.data, np.uint8).tobytes()
            builder.StartVector(1, len(data), ALIGNMENT)
            builder.head = builder.head - len(data)
            builder.Bytes[builder.head : builder.head + len(data)] = data
            offset = builder.EndVector()
        schema.BufferStart(builder)
        if self.data is not None and len(self.data):
            schema.BufferAddData(builder, offset)
        return schema.BufferEnd(builder)


class IntegerFile:
    """A LiteRT model of integers, open to be changed.

    Args:
        model: Model as it was converted.
    """

    def __init__(self, model: bytes) -> None:
        self._model = schema.ModelT.InitFromPackedBuf(bytearray(model), 0)
        self._graph = self._model.subgraphs[0]

    def improved(self) -> bytes:
        """The model with slow activations in floats, and dense weights in 8 bits."""
        self._float_where_slow()
        self._hold_dense_weights_in_8_bits()
        self._forget_what_nothing_reads()
        for buffer in self._model.buffers:
            buffer.__class__ = _Buffer
        size = sum(len(b.data) for b in self._model.buffers if b.data is not None)
        builder = flatbuffers.Builder(size + 2**20)
        builder.Finish(self._model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def _float_where_slow(self) -> None:
        operators = []
        for operator in self._graph.operators:
            (x, *_), (y, *_) = operator.inputs, operator.outputs
            if self._kind(operator) != SLOW or not self._is_int8(x):
                operators.append(operator)
                continue
            floats, result = self._float_twin(x), self._float_twin(y)
            before = self._operator(schema.BuiltinOperator.DEQUANTIZE, x, floats)
            after = self._operator(schema.BuiltinOperator.QUANTIZE, result, y)
            operator.inputs = np.array([floats], np.int32)
            operator.outputs = np.array([result], np.int32)
            operators += [before, operator, after]
        self._graph.operators = operators

    def _hold_dense_weights_in_8_bits(self) -> None:
        done: set[int] = set()
        for operator in self._graph.operators:
            if self._kind(operator) != DENSE:
                continue
            x, weights = operator.inputs[:2]
            if self._tensor(x).type != schema.TensorType.FLOAT32:
                continue
            if weights not in done and not self._round_weights(int(weights)):
                continue
            done.add(int(weights))
            self._model.operatorCodes[operator.opcodeIndex].version = max(
                9, self._model.operatorCodes[operator.opcodeIndex].version
            )

    def _round_weights(self, number: int) -> bool:
        """Rounds weights `[out, in]` to 8 bits an output; whether they are such."""
        tensor = self._tensor(number)
        data = self._model.buffers[tensor.buffer].data
        count = int(np.prod(tensor.shape))
        is_float = tensor.type == schema.TensorType.FLOAT32
        if not is_float or data is None or count < LEAST_WEIGHTS:
            return False
        values = np.frombuffer(np.asarray(data, np.uint8).tobytes(), np.float32)
        values = values.reshape(tensor.shape)
        scales = np.abs(values).max(1) / 127
        scales[scales == 0] = 1.0
        rounded = np.round(values / scales[:, None]).astype(np.int8)
        held = _Buffer()
        held.data = np.frombuffer(rounded.tobytes(), np.uint8)
        self._model.buffers.append(held)
        tensor.buffer = len(self._model.buffers) - 1
        tensor.type = schema.TensorType.INT8
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale = scales.astype(np.float32)
        tensor.quantization.zeroPoint = np.zeros(len(scales), np.int64)
        tensor.quantization.quantizedDimension = 0
        return True

    def _forget_what_nothing_reads(self) -> None:
        """Empties buffers of no tensor, and takes away names that are for people."""
        read = {tensor.buffer for tensor in self._graph.tensors}
        read |= {entry.buffer for entry in self._model.metadata or ()}
        for number, buffer in enumerate(self._model.buffers):
            if number not in read:
                buffer.data = None
        ends = {*self._graph.inputs.tolist(), *self._graph.outputs.tolist()}
        for number, tensor in enumerate(self._graph.tensors):
            if number not in ends:
                tensor.name = b""

    def _kind(self, operator: Any) -> int:
        code = self._model.operatorCodes[operator.opcodeIndex]
        return int(max(code.builtinCode, code.deprecatedBuiltinCode))

    def _tensor(self, number: int) -> Any:
        return self._graph.tensors[number]

    def _is_int8(self, number: int) -> bool:
        return bool(self._tensor(number).type == schema.TensorType.INT8)

    def _float_twin(self, number: int) -> int:
        """A new float tensor of the shape of another."""
        other, twin = self._tensor(number), schema.TensorT()
        twin.shape, twin.shapeSignature = other.shape, other.shapeSignature
        twin.hasRank = other.hasRank
        twin.name = other.name + b"_float"
        twin.type = schema.TensorType.FLOAT32
        self._graph.tensors.append(twin)
        return len(self._graph.tensors) - 1

    def _operator(self, kind: int, x: int, y: int) -> Any:
        """A new operator without options, from one tensor to another."""
        made = schema.OperatorT()
        made.opcodeIndex = self._code(kind)
        made.inputs, made.outputs = np.array([x], np.int32), np.array([y], np.int32)
        return made

    def _code(self, kind: int) -> int:
        """Number of an operator's code among the model's."""
        for number, code in enumerate(self._model.operatorCodes):
            if max(code.builtinCode, code.deprecatedBuiltinCode) == kind:
                code.version = max(code.version, 2)  # those of int8
                return number
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = kind
        code.version = 2
        self._model.operatorCodes.append(code)
        return len(self._model.operatorCodes) - 1
