"""onnxruntime-web, through the JS module ``qingsheng_host`` that the worker registers before importing this module.

The host offers three functions:

    createSession(name: string, bytes: Uint8Array): Promise<number>          a handle
    run(handle: number, feeds: {[name]: Tensor}): Promise<{[name]: Tensor}>  every output
    release(handle: number): void
    // Tensor: {type: "float32" | "int64" | "int32" | "uint8" | "bool", dims: number[], data: TypedArray}
    // int64 data is a BigInt64Array, bool and uint8 a Uint8Array

All arrays handed to the host are copies outside Python's heap: the host may keep or transfer them.
"""
