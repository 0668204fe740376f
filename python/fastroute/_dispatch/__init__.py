"""The dispatcher: takes a request, runs its plan and brings the answer.

What is called next, how long it may take, what it may cost and whether an answer is accepted is
decided in Rust, by the run. Here is what moves bytes and waits:

    dispatcher.py   `Dispatcher`: one request from its text to its answer
    blocking.py     `SyncDispatcher`: the same on a loop of its own, for programs without one
    journey.py      its way: decide, agent, retrieval, what is too long, the run, the account
    request.py      the arguments, read once
    ask.py          calls beside the plan: the meta-LLM's question, summaries, vectors
    run.py          one run: attempts as tasks, pieces of streams, cancelling
    judge.py        what an answer comes with to be judged
    answer.py       `Answer`, `Attempt`, `Chunk`, `Costs`
    call.py         what providers get and give
    http.py         connections, bounded answers, server-sent events
    keys.py         where keys are
    openai.py  anthropic.py  local.py     the providers
    mock/           a provider of one's own machine

Nothing in here is imported by `import fastroute`.
"""
