from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_USER: _ClassVar[Role]
    ROLE_ASSISTANT: _ClassVar[Role]
    ROLE_SYSTEM: _ClassVar[Role]
    ROLE_TOOL: _ClassVar[Role]

class Capability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAPABILITY_UNSPECIFIED: _ClassVar[Capability]
    CAPABILITY_TOOLS: _ClassVar[Capability]
    CAPABILITY_JSON_SCHEMA: _ClassVar[Capability]
    CAPABILITY_VISION: _ClassVar[Capability]
    CAPABILITY_REASONING: _ClassVar[Capability]
    CAPABILITY_AUDIO: _ClassVar[Capability]

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_ROUTED: _ClassVar[Outcome]
    OUTCOME_REJECTED: _ClassVar[Outcome]
    OUTCOME_NOTHING_FITS: _ClassVar[Outcome]
    OUTCOME_OVER_BUDGET: _ClassVar[Outcome]

class DecisionView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_VIEW_UNSPECIFIED: _ClassVar[DecisionView]
    DECISION_VIEW_BASIC: _ClassVar[DecisionView]
    DECISION_VIEW_FULL: _ClassVar[DecisionView]

class ProviderKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROVIDER_KIND_UNSPECIFIED: _ClassVar[ProviderKind]
    PROVIDER_KIND_OPENAI: _ClassVar[ProviderKind]
    PROVIDER_KIND_ANTHROPIC: _ClassVar[ProviderKind]
    PROVIDER_KIND_CALLABLE: _ClassVar[ProviderKind]
ROLE_UNSPECIFIED: Role
ROLE_USER: Role
ROLE_ASSISTANT: Role
ROLE_SYSTEM: Role
ROLE_TOOL: Role
CAPABILITY_UNSPECIFIED: Capability
CAPABILITY_TOOLS: Capability
CAPABILITY_JSON_SCHEMA: Capability
CAPABILITY_VISION: Capability
CAPABILITY_REASONING: Capability
CAPABILITY_AUDIO: Capability
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_ROUTED: Outcome
OUTCOME_REJECTED: Outcome
OUTCOME_NOTHING_FITS: Outcome
OUTCOME_OVER_BUDGET: Outcome
DECISION_VIEW_UNSPECIFIED: DecisionView
DECISION_VIEW_BASIC: DecisionView
DECISION_VIEW_FULL: DecisionView
PROVIDER_KIND_UNSPECIFIED: ProviderKind
PROVIDER_KIND_OPENAI: ProviderKind
PROVIDER_KIND_ANTHROPIC: ProviderKind
PROVIDER_KIND_CALLABLE: ProviderKind

class RouteRequest(_message.Message):
    __slots__ = ("text", "messages", "task", "metadata", "capabilities", "tools_tokens", "limits", "unavailable_models", "seed", "answer", "return_question", "view", "render", "revision", "session")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    TASK_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    TOOLS_TOKENS_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_MODELS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    RETURN_QUESTION_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    RENDER_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    text: str
    messages: _containers.RepeatedCompositeFieldContainer[Message]
    task: str
    metadata: _containers.RepeatedCompositeFieldContainer[MetadataEntry]
    capabilities: _containers.RepeatedScalarFieldContainer[Capability]
    tools_tokens: int
    limits: Limits
    unavailable_models: _containers.RepeatedScalarFieldContainer[str]
    seed: int
    answer: Answer
    return_question: bool
    view: DecisionView
    render: Render
    revision: str
    session: Session
    def __init__(self, text: _Optional[str] = ..., messages: _Optional[_Iterable[_Union[Message, _Mapping]]] = ..., task: _Optional[str] = ..., metadata: _Optional[_Iterable[_Union[MetadataEntry, _Mapping]]] = ..., capabilities: _Optional[_Iterable[_Union[Capability, str]]] = ..., tools_tokens: _Optional[int] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., unavailable_models: _Optional[_Iterable[str]] = ..., seed: _Optional[int] = ..., answer: _Optional[_Union[Answer, _Mapping]] = ..., return_question: bool = ..., view: _Optional[_Union[DecisionView, str]] = ..., render: _Optional[_Union[Render, _Mapping]] = ..., revision: _Optional[str] = ..., session: _Optional[_Union[Session, _Mapping]] = ...) -> None: ...

class Session(_message.Message):
    __slots__ = ("id", "state")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    id: str
    state: bytes
    def __init__(self, id: _Optional[str] = ..., state: _Optional[bytes] = ...) -> None: ...

class Message(_message.Message):
    __slots__ = ("role", "parts")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    role: Role
    parts: _containers.RepeatedCompositeFieldContainer[Part]
    def __init__(self, role: _Optional[_Union[Role, str]] = ..., parts: _Optional[_Iterable[_Union[Part, _Mapping]]] = ...) -> None: ...

class Part(_message.Message):
    __slots__ = ("text", "document", "image", "audio", "other")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    OTHER_FIELD_NUMBER: _ClassVar[int]
    text: str
    document: str
    image: Media
    audio: Media
    other: Media
    def __init__(self, text: _Optional[str] = ..., document: _Optional[str] = ..., image: _Optional[_Union[Media, _Mapping]] = ..., audio: _Optional[_Union[Media, _Mapping]] = ..., other: _Optional[_Union[Media, _Mapping]] = ...) -> None: ...

class Media(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class MetadataEntry(_message.Message):
    __slots__ = ("key", "bool_value", "number_value", "text_value")
    KEY_FIELD_NUMBER: _ClassVar[int]
    BOOL_VALUE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_VALUE_FIELD_NUMBER: _ClassVar[int]
    TEXT_VALUE_FIELD_NUMBER: _ClassVar[int]
    key: str
    bool_value: bool
    number_value: float
    text_value: str
    def __init__(self, key: _Optional[str] = ..., bool_value: bool = ..., number_value: _Optional[float] = ..., text_value: _Optional[str] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("min_quality", "max_cost_usd", "max_latency", "expected_output_tokens")
    MIN_QUALITY_FIELD_NUMBER: _ClassVar[int]
    MAX_COST_USD_FIELD_NUMBER: _ClassVar[int]
    MAX_LATENCY_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    min_quality: float
    max_cost_usd: float
    max_latency: _duration_pb2.Duration
    expected_output_tokens: int
    def __init__(self, min_quality: _Optional[float] = ..., max_cost_usd: _Optional[float] = ..., max_latency: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., expected_output_tokens: _Optional[int] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("label", "waited")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    WAITED_FIELD_NUMBER: _ClassVar[int]
    label: str
    waited: _duration_pb2.Duration
    def __init__(self, label: _Optional[str] = ..., waited: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Render(_message.Message):
    __slots__ = ("context",)
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    context: str
    def __init__(self, context: _Optional[str] = ...) -> None: ...

class RouteResponse(_message.Message):
    __slots__ = ("decision", "question")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    decision: Decision
    question: Question
    def __init__(self, decision: _Optional[_Union[Decision, _Mapping]] = ..., question: _Optional[_Union[Question, _Mapping]] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("id", "outcome", "revision", "route", "route_confidence", "model", "fallbacks", "prompt", "reason", "rule", "message", "difficulty", "reasoning", "retrieval", "agent", "deployments", "estimates", "missing", "notes", "messages", "report_token", "session", "cascade", "too_long", "escalations", "next_on_content_refused")
    ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    ROUTE_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    FALLBACKS_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DIFFICULTY_FIELD_NUMBER: _ClassVar[int]
    REASONING_FIELD_NUMBER: _ClassVar[int]
    RETRIEVAL_FIELD_NUMBER: _ClassVar[int]
    AGENT_FIELD_NUMBER: _ClassVar[int]
    DEPLOYMENTS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATES_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    REPORT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    CASCADE_FIELD_NUMBER: _ClassVar[int]
    TOO_LONG_FIELD_NUMBER: _ClassVar[int]
    ESCALATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_ON_CONTENT_REFUSED_FIELD_NUMBER: _ClassVar[int]
    id: str
    outcome: Outcome
    revision: str
    route: str
    route_confidence: float
    model: str
    fallbacks: _containers.RepeatedScalarFieldContainer[str]
    prompt: str
    reason: Reason
    rule: str
    message: str
    difficulty: float
    reasoning: bool
    retrieval: Retrieval
    agent: str
    deployments: _containers.RepeatedCompositeFieldContainer[Deployment]
    estimates: Estimates
    missing: _containers.RepeatedCompositeFieldContainer[Missing]
    notes: _containers.RepeatedCompositeFieldContainer[Note]
    messages: _containers.RepeatedCompositeFieldContainer[RenderedMessage]
    report_token: bytes
    session: Session
    cascade: Cascade
    too_long: TooLong
    escalations: int
    next_on_content_refused: bool
    def __init__(self, id: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., revision: _Optional[str] = ..., route: _Optional[str] = ..., route_confidence: _Optional[float] = ..., model: _Optional[str] = ..., fallbacks: _Optional[_Iterable[str]] = ..., prompt: _Optional[str] = ..., reason: _Optional[_Union[Reason, _Mapping]] = ..., rule: _Optional[str] = ..., message: _Optional[str] = ..., difficulty: _Optional[float] = ..., reasoning: bool = ..., retrieval: _Optional[_Union[Retrieval, _Mapping]] = ..., agent: _Optional[str] = ..., deployments: _Optional[_Iterable[_Union[Deployment, _Mapping]]] = ..., estimates: _Optional[_Union[Estimates, _Mapping]] = ..., missing: _Optional[_Iterable[_Union[Missing, _Mapping]]] = ..., notes: _Optional[_Iterable[_Union[Note, _Mapping]]] = ..., messages: _Optional[_Iterable[_Union[RenderedMessage, _Mapping]]] = ..., report_token: _Optional[bytes] = ..., session: _Optional[_Union[Session, _Mapping]] = ..., cascade: _Optional[_Union[Cascade, _Mapping]] = ..., too_long: _Optional[_Union[TooLong, _Mapping]] = ..., escalations: _Optional[int] = ..., next_on_content_refused: bool = ...) -> None: ...

class Cascade(_message.Message):
    __slots__ = ("min_confidence", "confidence_from", "samples", "verifier", "function", "format", "schema_json")
    MIN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FROM_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    VERIFIER_FIELD_NUMBER: _ClassVar[int]
    FUNCTION_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    min_confidence: float
    confidence_from: str
    samples: int
    verifier: str
    function: str
    format: str
    schema_json: str
    def __init__(self, min_confidence: _Optional[float] = ..., confidence_from: _Optional[str] = ..., samples: _Optional[int] = ..., verifier: _Optional[str] = ..., function: _Optional[str] = ..., format: _Optional[str] = ..., schema_json: _Optional[str] = ...) -> None: ...

class TooLong(_message.Message):
    __slots__ = ("larger", "split", "summarise")
    LARGER_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    SUMMARISE_FIELD_NUMBER: _ClassVar[int]
    larger: Larger
    split: Split
    summarise: Summarise
    def __init__(self, larger: _Optional[_Union[Larger, _Mapping]] = ..., split: _Optional[_Union[Split, _Mapping]] = ..., summarise: _Optional[_Union[Summarise, _Mapping]] = ...) -> None: ...

class Larger(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Split(_message.Message):
    __slots__ = ("model", "part_tokens", "overlap_tokens", "max_parts", "reduce")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PART_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MAX_PARTS_FIELD_NUMBER: _ClassVar[int]
    REDUCE_FIELD_NUMBER: _ClassVar[int]
    model: str
    part_tokens: int
    overlap_tokens: int
    max_parts: int
    reduce: str
    def __init__(self, model: _Optional[str] = ..., part_tokens: _Optional[int] = ..., overlap_tokens: _Optional[int] = ..., max_parts: _Optional[int] = ..., reduce: _Optional[str] = ...) -> None: ...

class Summarise(_message.Message):
    __slots__ = ("model", "max_tokens")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    model: str
    max_tokens: int
    def __init__(self, model: _Optional[str] = ..., max_tokens: _Optional[int] = ...) -> None: ...

class Reason(_message.Message):
    __slots__ = ("code", "sentence")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    code: str
    sentence: str
    def __init__(self, code: _Optional[str] = ..., sentence: _Optional[str] = ...) -> None: ...

class Retrieval(_message.Message):
    __slots__ = ("collection", "top_k", "max_tokens")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    collection: str
    top_k: int
    max_tokens: int
    def __init__(self, collection: _Optional[str] = ..., top_k: _Optional[int] = ..., max_tokens: _Optional[int] = ...) -> None: ...

class Deployment(_message.Message):
    __slots__ = ("provider", "kind", "base_url", "model", "region", "credential")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    BASE_URL_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    provider: str
    kind: ProviderKind
    base_url: str
    model: str
    region: str
    credential: str
    def __init__(self, provider: _Optional[str] = ..., kind: _Optional[_Union[ProviderKind, str]] = ..., base_url: _Optional[str] = ..., model: _Optional[str] = ..., region: _Optional[str] = ..., credential: _Optional[str] = ...) -> None: ...

class Estimates(_message.Message):
    __slots__ = ("input_tokens", "output_tokens", "cost_nano_usd", "latency", "quality")
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_NANO_USD_FIELD_NUMBER: _ClassVar[int]
    LATENCY_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    input_tokens: int
    output_tokens: int
    cost_nano_usd: int
    latency: _duration_pb2.Duration
    quality: float
    def __init__(self, input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cost_nano_usd: _Optional[int] = ..., latency: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., quality: _Optional[float] = ...) -> None: ...

class Missing(_message.Message):
    __slots__ = ("model", "code", "message", "retry_after")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    model: str
    code: str
    message: str
    retry_after: _duration_pb2.Duration
    def __init__(self, model: _Optional[str] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., retry_after: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Note(_message.Message):
    __slots__ = ("code", "sentence")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    code: str
    sentence: str
    def __init__(self, code: _Optional[str] = ..., sentence: _Optional[str] = ...) -> None: ...

class RenderedMessage(_message.Message):
    __slots__ = ("role", "content", "source")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    role: str
    content: str
    source: int
    def __init__(self, role: _Optional[str] = ..., content: _Optional[str] = ..., source: _Optional[int] = ...) -> None: ...

class Question(_message.Message):
    __slots__ = ("model", "deployment", "labels", "system", "user", "timeout", "revision", "schema_json")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    DEPLOYMENT_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_JSON_FIELD_NUMBER: _ClassVar[int]
    model: str
    deployment: Deployment
    labels: _containers.RepeatedScalarFieldContainer[str]
    system: str
    user: str
    timeout: _duration_pb2.Duration
    revision: str
    schema_json: str
    def __init__(self, model: _Optional[str] = ..., deployment: _Optional[_Union[Deployment, _Mapping]] = ..., labels: _Optional[_Iterable[str]] = ..., system: _Optional[str] = ..., user: _Optional[str] = ..., timeout: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., revision: _Optional[str] = ..., schema_json: _Optional[str] = ...) -> None: ...
