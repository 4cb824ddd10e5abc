"""What the worker calls. Fetch each function once as a PyProxy and call it with plain values; never build source text.

Order of calls: register the JS module ``qingsheng_host`` (see `browser`), import this module, ``boot``, ``load_voice``.

    const bridge = pyodide.pyimport("py_engine.runtime.bridge");   // keep for the worker's life
    bridge.boot()                                   -> string, JSON {"engine": "0.1.0", "format": 1}
    await bridge.load_voice(manifestJson, files)    -> string, JSON list of VoiceInfo: the pack's speakers
    bridge.voices()                                 -> string, JSON list of VoiceInfo: every loaded speaker
    bridge.start(jobId, text, optionsJson)          -> undefined
    await bridge.next_chunk(jobId)                  -> {samples: Float32Array, meta: string} | undefined
    bridge.cancel(jobId)                            -> undefined
    bridge.release_voice(id)                        -> undefined

Every function returns, instead of raising, ``{error: {code, message, remedy, detail}}`` (a plain JS object, ``detail`` a
plain object) when something is wrong; test ``result?.error``. Codes: docs/architecture.md, "Errors". An exception that
the engine did not foresee comes back as ``runtime.failed`` with the Python traceback in ``detail.traceback``.

``boot(lexicon)``: ``lexicon`` is optional, a Uint8Array with ``lexicon.bin`` where it is not part of the wheel.
``load_voice``: ``manifestJson`` is the text of ``voice.json``; ``files`` a plain object from the paths that
``voice.json`` names to Uint8Array. Sizes and digests are checked here. Loading a pack again replaces it.
``VoiceInfo``: ``{id, name, speaker, language, sample_rate, license, attribution, default}``; ``id`` is what
``options.voice`` takes: ``<pack>`` for a default speaker, ``<pack>/<speaker>`` for the others.
``start``: ``jobId`` an integer never used before. ``optionsJson``: ``{"voice"?: string, "speed"?: 0.5..2, "pitch"?:
-12..12}``; an unknown key is ``option.invalid``. Nothing runs until ``next_chunk``, and errors of the text come there.
``next_chunk``: one call at a time for one job; jobs may overlap, and the models then take turns. ``undefined`` means
finished (also for a job that is unknown or already ended); after an error the job is over. ``samples`` is a copy outside Python's heap:
transfer its buffer. ``meta``, JSON: ``{index, sample_rate, start, stop, last, words: [{text, start, stop, begin_s, end_s}],
notices: [{code, message, start, stop, text}], timings: {text, prosody, acoustic, vocoder, dsp}}``. ``start`` and ``stop``
are UTF-16 offsets into the text (``text.slice(start, stop)``), ``*_s`` seconds from the chunk's first sample, timings
seconds of work for this chunk. The chunk with ``last: true`` is the final one; ``next_chunk`` then gives ``undefined``.
``cancel``: a ``next_chunk`` under way (or the next one) returns ``{error: {code: "cancelled"}}``, at latest after the
model that is running; unknown jobs are ignored. Never fails.
``release_voice``: frees the models of the whole pack, once the jobs that use it have ended.
"""
