"""A provider of one's own machine: a real HTTP server on loopback that says what a script tells it to.

    script.py   what each model answers, how fast, and how it fails
    server.py   the connections: HTTP/1.1 with asyncio's streams, nothing else
    words.py    answers in the forms of OpenAI's and Anthropic's APIs
    thread.py   the same for programs without an event loop

`fastroute mock` serves it for trying things out; the tests serve it as the provider that hangs,
breaks off, lies and floods. It needs nothing beside the standard library.
"""
