from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HealthState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HEALTH_STATE_UNSPECIFIED: _ClassVar[HealthState]
    HEALTH_STATE_CLOSED: _ClassVar[HealthState]
    HEALTH_STATE_OPEN: _ClassVar[HealthState]
    HEALTH_STATE_HALF_OPEN: _ClassVar[HealthState]
    HEALTH_STATE_DISABLED: _ClassVar[HealthState]
    HEALTH_STATE_COOLING: _ClassVar[HealthState]

class ForcedHealth(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORCED_HEALTH_UNSPECIFIED: _ClassVar[ForcedHealth]
    FORCED_HEALTH_RESET: _ClassVar[ForcedHealth]
    FORCED_HEALTH_OPEN: _ClassVar[ForcedHealth]
    FORCED_HEALTH_CLOSED: _ClassVar[ForcedHealth]
    FORCED_HEALTH_DISABLED: _ClassVar[ForcedHealth]

class ConfigFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONFIG_FORMAT_UNSPECIFIED: _ClassVar[ConfigFormat]
    CONFIG_FORMAT_YAML: _ClassVar[ConfigFormat]
    CONFIG_FORMAT_TOML: _ClassVar[ConfigFormat]
    CONFIG_FORMAT_JSON: _ClassVar[ConfigFormat]

class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEVERITY_UNSPECIFIED: _ClassVar[Severity]
    SEVERITY_ERROR: _ClassVar[Severity]
    SEVERITY_WARNING: _ClassVar[Severity]

class ActivationCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTIVATION_CAUSE_UNSPECIFIED: _ClassVar[ActivationCause]
    ACTIVATION_CAUSE_START: _ClassVar[ActivationCause]
    ACTIVATION_CAUSE_FILE_CHANGE: _ClassVar[ActivationCause]
    ACTIVATION_CAUSE_SIGNAL: _ClassVar[ActivationCause]
    ACTIVATION_CAUSE_RELOAD: _ClassVar[ActivationCause]
    ACTIVATION_CAUSE_ACTIVATE: _ClassVar[ActivationCause]
HEALTH_STATE_UNSPECIFIED: HealthState
HEALTH_STATE_CLOSED: HealthState
HEALTH_STATE_OPEN: HealthState
HEALTH_STATE_HALF_OPEN: HealthState
HEALTH_STATE_DISABLED: HealthState
HEALTH_STATE_COOLING: HealthState
FORCED_HEALTH_UNSPECIFIED: ForcedHealth
FORCED_HEALTH_RESET: ForcedHealth
FORCED_HEALTH_OPEN: ForcedHealth
FORCED_HEALTH_CLOSED: ForcedHealth
FORCED_HEALTH_DISABLED: ForcedHealth
CONFIG_FORMAT_UNSPECIFIED: ConfigFormat
CONFIG_FORMAT_YAML: ConfigFormat
CONFIG_FORMAT_TOML: ConfigFormat
CONFIG_FORMAT_JSON: ConfigFormat
SEVERITY_UNSPECIFIED: Severity
SEVERITY_ERROR: Severity
SEVERITY_WARNING: Severity
ACTIVATION_CAUSE_UNSPECIFIED: ActivationCause
ACTIVATION_CAUSE_START: ActivationCause
ACTIVATION_CAUSE_FILE_CHANGE: ActivationCause
ACTIVATION_CAUSE_SIGNAL: ActivationCause
ACTIVATION_CAUSE_RELOAD: ActivationCause
ACTIVATION_CAUSE_ACTIVATE: ActivationCause

class ListHealthRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListHealthResponse(_message.Message):
    __slots__ = ("targets", "budgets", "counts")
    TARGETS_FIELD_NUMBER: _ClassVar[int]
    BUDGETS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    targets: _containers.RepeatedCompositeFieldContainer[TargetHealth]
    budgets: _containers.RepeatedCompositeFieldContainer[BudgetLine]
    counts: HealthCounts
    def __init__(self, targets: _Optional[_Iterable[_Union[TargetHealth, _Mapping]]] = ..., budgets: _Optional[_Iterable[_Union[BudgetLine, _Mapping]]] = ..., counts: _Optional[_Union[HealthCounts, _Mapping]] = ...) -> None: ...

class TargetHealth(_message.Message):
    __slots__ = ("target", "scope", "state", "forced", "retry_after", "calls", "failures", "slow_calls", "consecutive_failures", "probes", "first_token", "per_token")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FORCED_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    SLOW_CALLS_FIELD_NUMBER: _ClassVar[int]
    CONSECUTIVE_FAILURES_FIELD_NUMBER: _ClassVar[int]
    PROBES_FIELD_NUMBER: _ClassVar[int]
    FIRST_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PER_TOKEN_FIELD_NUMBER: _ClassVar[int]
    target: str
    scope: str
    state: HealthState
    forced: ForcedHealth
    retry_after: _duration_pb2.Duration
    calls: int
    failures: int
    slow_calls: int
    consecutive_failures: int
    probes: int
    first_token: _duration_pb2.Duration
    per_token: _duration_pb2.Duration
    def __init__(self, target: _Optional[str] = ..., scope: _Optional[str] = ..., state: _Optional[_Union[HealthState, str]] = ..., forced: _Optional[_Union[ForcedHealth, str]] = ..., retry_after: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., calls: _Optional[int] = ..., failures: _Optional[int] = ..., slow_calls: _Optional[int] = ..., consecutive_failures: _Optional[int] = ..., probes: _Optional[int] = ..., first_token: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., per_token: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class BudgetLine(_message.Message):
    __slots__ = ("scope", "value", "window", "limit_nano_usd", "spent_nano_usd", "reserved_nano_usd", "limit_tokens", "spent_tokens", "reserved_tokens", "resets_at")
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    LIMIT_NANO_USD_FIELD_NUMBER: _ClassVar[int]
    SPENT_NANO_USD_FIELD_NUMBER: _ClassVar[int]
    RESERVED_NANO_USD_FIELD_NUMBER: _ClassVar[int]
    LIMIT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    SPENT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    RESERVED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    RESETS_AT_FIELD_NUMBER: _ClassVar[int]
    scope: str
    value: str
    window: _duration_pb2.Duration
    limit_nano_usd: int
    spent_nano_usd: int
    reserved_nano_usd: int
    limit_tokens: int
    spent_tokens: int
    reserved_tokens: int
    resets_at: _timestamp_pb2.Timestamp
    def __init__(self, scope: _Optional[str] = ..., value: _Optional[str] = ..., window: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., limit_nano_usd: _Optional[int] = ..., spent_nano_usd: _Optional[int] = ..., reserved_nano_usd: _Optional[int] = ..., limit_tokens: _Optional[int] = ..., spent_tokens: _Optional[int] = ..., reserved_tokens: _Optional[int] = ..., resets_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class HealthCounts(_message.Message):
    __slots__ = ("stale_outcomes", "duplicate_outcomes", "unknown_outcomes", "lost_probes", "lost_transitions")
    STALE_OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    LOST_PROBES_FIELD_NUMBER: _ClassVar[int]
    LOST_TRANSITIONS_FIELD_NUMBER: _ClassVar[int]
    stale_outcomes: int
    duplicate_outcomes: int
    unknown_outcomes: int
    lost_probes: int
    lost_transitions: int
    def __init__(self, stale_outcomes: _Optional[int] = ..., duplicate_outcomes: _Optional[int] = ..., unknown_outcomes: _Optional[int] = ..., lost_probes: _Optional[int] = ..., lost_transitions: _Optional[int] = ...) -> None: ...

class ForceHealthRequest(_message.Message):
    __slots__ = ("target", "forced")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    FORCED_FIELD_NUMBER: _ClassVar[int]
    target: str
    forced: ForcedHealth
    def __init__(self, target: _Optional[str] = ..., forced: _Optional[_Union[ForcedHealth, str]] = ...) -> None: ...

class ForceHealthResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ConfigIssue(_message.Message):
    __slots__ = ("code", "severity", "message", "file", "line", "column", "path")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    code: str
    severity: Severity
    message: str
    file: str
    line: int
    column: int
    path: str
    def __init__(self, code: _Optional[str] = ..., severity: _Optional[_Union[Severity, str]] = ..., message: _Optional[str] = ..., file: _Optional[str] = ..., line: _Optional[int] = ..., column: _Optional[int] = ..., path: _Optional[str] = ...) -> None: ...

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStatusResponse(_message.Message):
    __slots__ = ("version", "revision", "active_since", "cause", "uptime", "sizes", "last_refused", "stale_since", "warnings", "activations", "refusals", "in_flight", "connections", "resident_bytes", "is_draining")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_SINCE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    UPTIME_FIELD_NUMBER: _ClassVar[int]
    SIZES_FIELD_NUMBER: _ClassVar[int]
    LAST_REFUSED_FIELD_NUMBER: _ClassVar[int]
    STALE_SINCE_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    ACTIVATIONS_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    IS_DRAINING_FIELD_NUMBER: _ClassVar[int]
    version: str
    revision: str
    active_since: _timestamp_pb2.Timestamp
    cause: ActivationCause
    uptime: _duration_pb2.Duration
    sizes: Sizes
    last_refused: RefusedConfig
    stale_since: _timestamp_pb2.Timestamp
    warnings: _containers.RepeatedCompositeFieldContainer[ConfigIssue]
    activations: int
    refusals: int
    in_flight: int
    connections: int
    resident_bytes: int
    is_draining: bool
    def __init__(self, version: _Optional[str] = ..., revision: _Optional[str] = ..., active_since: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., cause: _Optional[_Union[ActivationCause, str]] = ..., uptime: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., sizes: _Optional[_Union[Sizes, _Mapping]] = ..., last_refused: _Optional[_Union[RefusedConfig, _Mapping]] = ..., stale_since: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[ConfigIssue, _Mapping]]] = ..., activations: _Optional[int] = ..., refusals: _Optional[int] = ..., in_flight: _Optional[int] = ..., connections: _Optional[int] = ..., resident_bytes: _Optional[int] = ..., is_draining: bool = ...) -> None: ...

class Sizes(_message.Message):
    __slots__ = ("routes", "models", "rules", "prompts", "examples", "source_bytes", "build_time")
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    PROMPTS_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_BYTES_FIELD_NUMBER: _ClassVar[int]
    BUILD_TIME_FIELD_NUMBER: _ClassVar[int]
    routes: int
    models: int
    rules: int
    prompts: int
    examples: int
    source_bytes: int
    build_time: _duration_pb2.Duration
    def __init__(self, routes: _Optional[int] = ..., models: _Optional[int] = ..., rules: _Optional[int] = ..., prompts: _Optional[int] = ..., examples: _Optional[int] = ..., source_bytes: _Optional[int] = ..., build_time: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RefusedConfig(_message.Message):
    __slots__ = ("refused_at", "cause", "code", "message", "issues")
    REFUSED_AT_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ISSUES_FIELD_NUMBER: _ClassVar[int]
    refused_at: _timestamp_pb2.Timestamp
    cause: ActivationCause
    code: str
    message: str
    issues: _containers.RepeatedCompositeFieldContainer[ConfigIssue]
    def __init__(self, refused_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., cause: _Optional[_Union[ActivationCause, str]] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., issues: _Optional[_Iterable[_Union[ConfigIssue, _Mapping]]] = ...) -> None: ...

class ValidateConfigRequest(_message.Message):
    __slots__ = ("content", "format")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    content: str
    format: ConfigFormat
    def __init__(self, content: _Optional[str] = ..., format: _Optional[_Union[ConfigFormat, str]] = ...) -> None: ...

class ValidateConfigResponse(_message.Message):
    __slots__ = ("is_valid", "revision", "issues", "code")
    IS_VALID_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ISSUES_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    is_valid: bool
    revision: str
    issues: _containers.RepeatedCompositeFieldContainer[ConfigIssue]
    code: str
    def __init__(self, is_valid: bool = ..., revision: _Optional[str] = ..., issues: _Optional[_Iterable[_Union[ConfigIssue, _Mapping]]] = ..., code: _Optional[str] = ...) -> None: ...

class ReloadConfigRequest(_message.Message):
    __slots__ = ("content", "format", "force")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    content: str
    format: ConfigFormat
    force: bool
    def __init__(self, content: _Optional[str] = ..., format: _Optional[_Union[ConfigFormat, str]] = ..., force: bool = ...) -> None: ...

class ReloadConfigResponse(_message.Message):
    __slots__ = ("revision", "previous_revision", "issues")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_REVISION_FIELD_NUMBER: _ClassVar[int]
    ISSUES_FIELD_NUMBER: _ClassVar[int]
    revision: str
    previous_revision: str
    issues: _containers.RepeatedCompositeFieldContainer[ConfigIssue]
    def __init__(self, revision: _Optional[str] = ..., previous_revision: _Optional[str] = ..., issues: _Optional[_Iterable[_Union[ConfigIssue, _Mapping]]] = ...) -> None: ...

class ListRevisionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListRevisionsResponse(_message.Message):
    __slots__ = ("revisions",)
    REVISIONS_FIELD_NUMBER: _ClassVar[int]
    revisions: _containers.RepeatedCompositeFieldContainer[RevisionInfo]
    def __init__(self, revisions: _Optional[_Iterable[_Union[RevisionInfo, _Mapping]]] = ...) -> None: ...

class RevisionInfo(_message.Message):
    __slots__ = ("revision", "is_active", "activated_at", "cause", "activated_by", "source_bytes")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    IS_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    ACTIVATED_AT_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    ACTIVATED_BY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_BYTES_FIELD_NUMBER: _ClassVar[int]
    revision: str
    is_active: bool
    activated_at: _timestamp_pb2.Timestamp
    cause: ActivationCause
    activated_by: str
    source_bytes: int
    def __init__(self, revision: _Optional[str] = ..., is_active: bool = ..., activated_at: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ..., cause: _Optional[_Union[ActivationCause, str]] = ..., activated_by: _Optional[str] = ..., source_bytes: _Optional[int] = ...) -> None: ...

class ActivateRevisionRequest(_message.Message):
    __slots__ = ("revision",)
    REVISION_FIELD_NUMBER: _ClassVar[int]
    revision: str
    def __init__(self, revision: _Optional[str] = ...) -> None: ...

class ActivateRevisionResponse(_message.Message):
    __slots__ = ("revision", "previous_revision")
    REVISION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_REVISION_FIELD_NUMBER: _ClassVar[int]
    revision: str
    previous_revision: str
    def __init__(self, revision: _Optional[str] = ..., previous_revision: _Optional[str] = ...) -> None: ...
