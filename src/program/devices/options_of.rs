//! What the devices of each class take.

use crate::program::parameter::{Parameter, Takes, optional, required};

const LABEL: Parameter = optional("labels", Takes::Texts, "[]", "its labels");
const EGU: Parameter = optional("egu", Takes::Text, "mm", "the unit of its position");
const EXPOSURE: Parameter = optional("exposure_time", Takes::Seconds, "0", "how long an exposure takes");
const PRECISION: Parameter = optional("precision", Takes::Integer, "3", "how many decimals are shown");
const SETTLE: Parameter = optional("settle_time", Takes::Seconds, "0", "how long it waits after a move");
const TIMEOUT: Parameter = optional("timeout", Takes::SecondsOrNull, "null", "how long a move may take");
const LIMITS: Parameter = optional("limits", Takes::LimitsOrNull, "null", "where it may go: from, to");
const NUM: Parameter = optional("num", Takes::Count, "3", "how many frames it takes");
const IMAX: Parameter = required("Imax", Takes::Number, "how high the peak is");
const SIGMA: Parameter = optional("sigma", Takes::Number, "1", "how wide the peak is");
const NOISE: Parameter =
    optional("noise", Takes::OneOf(&["none", "poisson", "uniform"]), "none", "the noise of its readings");
const NOISE_MULTIPLIER: Parameter = optional("noise_multiplier", Takes::Number, "0.1", "how wide uniform noise is");
const READOUT: Parameter = optional("readout_time", Takes::Seconds, "0", "how long a frame is read out");
const DEAD: Parameter = optional("dead_time", Takes::Seconds, "0", "how long it rests after a frame");
const USUAL_EXPOSURE: Parameter = optional("exposure_time", Takes::Seconds, "0.1", "how long a frame is exposed");
const NUM_FRAMES: Parameter = optional("frames", Takes::Count, "1", "how many frames a trigger takes");

pub(super) const LABELS: &[Parameter] = &[LABEL];
pub(super) const IMAGE: &[Parameter] =
    &[optional("img_name", Takes::Text, "its name and _img", "the data key of its images"), LABEL];
pub(super) const AXIS: &[Parameter] = &[
    optional("value", Takes::Value, "0", "where it is at first"),
    optional("delay", Takes::Seconds, "0", "how long a move takes"),
    PRECISION,
    optional("events_per_move", Takes::Count, "1", "how often it tells where it is on a move"),
    EGU,
    LABEL,
];
pub(super) const POSITIONER: &[Parameter] = &[
    optional("egu", Takes::Text, "\"\"", "the unit of its position"),
    LIMITS,
    optional("source", Takes::Text, "computed", "where its position comes from"),
    optional("init_pos", Takes::Value, "null", "where it is at first"),
    SETTLE,
    TIMEOUT,
    LABEL,
];
pub(super) const PSEUDO: &[Parameter] = &[
    optional("concurrent", Takes::Bool, "true", "whether its axes move at once"),
    optional("egu", Takes::Text, "\"\"", "the unit of its position"),
    optional("auto_target", Takes::Bool, "true", "whether axes that are not moved keep their targets"),
    SETTLE,
    TIMEOUT,
    LABEL,
];
pub(super) const GAUSS: &[Parameter] = &[
    required("motor", Takes::Motor, "the axis along which the peak is"),
    required("motor_field", Takes::Key, "the data key of that axis"),
    required("center", Takes::Number, "where the peak is"),
    IMAX,
    SIGMA,
    NOISE,
    NOISE_MULTIPLIER,
    LABEL,
];
pub(super) const GAUSS_2D: &[Parameter] = &[
    required("motor0", Takes::Motor, "the first axis"),
    required("motor_field0", Takes::Key, "its data key"),
    required("motor1", Takes::Motor, "the second axis"),
    required("motor_field1", Takes::Key, "its data key"),
    required("center", Takes::NumberOrPair, "where the peak is"),
    IMAX,
    SIGMA,
    NOISE,
    NOISE_MULTIPLIER,
    LABEL,
];
pub(super) const SIGNAL: &[Parameter] = &[optional("value", Takes::Value, "0.0", "its value at first"), LABEL];
pub(super) const ENUM: &[Parameter] = &[
    optional("value", Takes::Value, "0", "its value at first, by name or number"),
    required("enum_strings", Takes::Texts, "the names of its values"),
    LABEL,
];
pub(super) const SYN_SIGNAL: &[Parameter] = &[EXPOSURE, PRECISION, LABEL];
pub(super) const PERIODIC: &[Parameter] = &[
    optional("period", Takes::Seconds, "1", "how often it changes"),
    optional("period_jitter", Takes::Seconds, "1", "how much later it changes at most"),
    EXPOSURE,
    PRECISION,
    LABEL,
];
pub(super) const REGISTRY: &[Parameter] = &[
    EXPOSURE,
    PRECISION,
    optional("save_path", Takes::TextOrNull, "null", "the directory of its files"),
    optional("save_spec", Takes::Text, "NPY_SEQ", "what can read the files"),
    optional("save_ext", Takes::Text, "npy", "how the names of the files end"),
    LABEL,
];
const STRING: Parameter = optional("string", Takes::Bool, "false", "whether it is a string");
const HAS_LIMITS: Parameter = optional("limits", Takes::Bool, "false", "whether its limits are looked at");
const PUT_COMPLETE: Parameter = optional("put_complete", Takes::Value, "false", "without effect, as in ophyd");
const AUTO_MONITOR: Parameter = optional("auto_monitor", Takes::Value, "null", "without effect, as in ophyd");
const NO_TIMEOUT: Parameter = optional("timeout", Takes::Value, "null", "without effect, as in ophyd");
const VARIABLE_PREFIX: Parameter = required("prefix", Takes::Text, "the process variable");
pub(super) const VARIABLE: &[Parameter] = &[
    required("read_pv", Takes::Text, "the process variable that is read"),
    optional("write_pv", Takes::Text, "read_pv", "the one that is set"),
    STRING,
    HAS_LIMITS,
    PUT_COMPLETE,
    AUTO_MONITOR,
    NO_TIMEOUT,
    EXPOSURE,
    PRECISION,
    LABEL,
];
pub(super) const PREFIX: &[Parameter] =
    &[VARIABLE_PREFIX, STRING, HAS_LIMITS, PUT_COMPLETE, AUTO_MONITOR, NO_TIMEOUT, EXPOSURE, PRECISION, LABEL];
pub(super) const PATH: &[Parameter] = &[
    VARIABLE_PREFIX,
    required("path_semantics", Takes::Text, "how paths are written"),
    STRING,
    HAS_LIMITS,
    PUT_COMPLETE,
    AUTO_MONITOR,
    NO_TIMEOUT,
    EXPOSURE,
    PRECISION,
    LABEL,
];
pub(super) const MOCK: &[Parameter] = &[
    required("detector", Takes::Device, "what is read"),
    required("motor", Takes::Motor, "what is moved"),
    required("start", Takes::Number, "where the flight starts"),
    required("stop", Takes::Number, "where it stops"),
    required("num", Takes::Count, "how many points it has"),
];
pub(super) const FRAMES: &[Parameter] =
    &[NUM, optional("early", Takes::Count, "0", "how many of them are there once it is kicked off")];
pub(super) const MOTOR: &[Parameter] = &[
    optional("value", Takes::Number, "0", "where it is at first"),
    optional("velocity", Takes::Positive, "1", "how fast it moves, in units a second"),
    optional("acceleration_time", Takes::Seconds, "0.5", "how long it takes to come to its velocity"),
    optional("acceleration", Takes::Positive, "2", "the same as units a second a second; one of the two"),
    optional("latency", Takes::Seconds, "0", "how long it stands still before each move"),
    SETTLE,
    LIMITS,
    optional("backlash", Takes::Number, "0", "how far beyond it goes to come from one side"),
    optional("readback_noise", Takes::Positive, "0", "how wide the noise of its readback is"),
    optional("readback_resolution", Takes::Positive, "0", "the steps of its readback"),
    optional("update_period", Takes::Seconds, "0.1", "how often it tells where it is on a move"),
    PRECISION,
    EGU,
    LABEL,
];
pub(super) const DETECTOR: &[Parameter] = &[
    USUAL_EXPOSURE,
    READOUT,
    DEAD,
    NUM_FRAMES,
    optional("rate", Takes::Number, "1000", "how many counts a second there are"),
    optional("dark_rate", Takes::Number, "0", "how many of them without light"),
    optional("saturates_at", Takes::CountOrNull, "null", "more counts than that it cannot tell"),
    optional("noise", Takes::OneOf(&["none", "poisson"]), "poisson", "the noise of its counts"),
    optional("motor", Takes::Motor, "null", "the axis along which there is a peak"),
    optional("center", Takes::Number, "0", "where the peak is"),
    SIGMA,
    LABEL,
];
pub(super) const CAMERA: &[Parameter] = &[
    USUAL_EXPOSURE,
    READOUT,
    DEAD,
    NUM_FRAMES,
    optional("shape", Takes::Counts, "[10, 10]", "the rows and columns of a frame"),
    optional("root", Takes::Text, "/simulated", "the directory of its files"),
    optional("assets", Takes::OneOf(&["stream", "datum"]), "stream", "how its documents tell of the files"),
    LABEL,
];
pub(super) const SHUTTER: &[Parameter] = &[
    optional("opens_in", Takes::Seconds, "0", "how long it takes to open"),
    optional("closes_in", Takes::Seconds, "0", "how long it takes to close"),
    optional("open", Takes::Bool, "false", "whether it is open at first"),
    LABEL,
];
pub(super) const CONTROLLER: &[Parameter] = &[
    optional("value", Takes::Number, "295", "its temperature at first"),
    optional("time_constant", Takes::Positive, "60", "how many seconds it takes to come near its setpoint"),
    optional("ramp_rate", Takes::Positive, "null", "the same as units a second; one of the two"),
    optional("tolerance", Takes::Positive, "0.1", "how near is near enough"),
    optional("hold_time", Takes::Seconds, "0", "how long it must be near enough"),
    LIMITS,
    optional("update_period", Takes::Seconds, "1", "how often it tells its temperature"),
    optional("egu", Takes::Text, "K", "the unit of its temperature"),
    LABEL,
];
pub(super) const CANNED: &[Parameter] = &[
    required("keys", Takes::ListsByKey, "what each data key reads, time after time"),
    optional("config", Takes::Map, "{}", "its configuration"),
    optional("strict", Takes::Bool, "false", "whether a read fails where there are no more values"),
];
pub(super) const FRAME_DETECTOR: &[Parameter] = &[
    required("data_keys", Takes::CountsByKey, "the shape of the frames of each data key"),
    optional("period", Takes::Seconds, "0.1", "how long a frame takes"),
    optional("root", Takes::Text, "file://localhost/simulated", "where its files are"),
];
pub(super) const PAGES: &[Parameter] = &[
    required("columns", Takes::Texts, "its data keys"),
    required("rows", Takes::Count, "how many rows it has"),
    optional("period", Takes::Seconds, "0.1", "how long a row takes"),
];
pub(super) const BEAM: &[Parameter] = &[
    optional("current", Takes::Number, "500", "its current when it is full, in mA"),
    optional("lifetime", Takes::Positive, "null", "after how many seconds it has decayed to a part in e"),
    optional("refilled_every", Takes::Positive, "null", "how often it is refilled, in seconds"),
    optional("drops", Takes::Pairs, "[]", "when it is lost and for how long, each in seconds"),
    LABEL,
];
const SLEEP: Parameter = optional("sleep", Takes::Seconds, "0", "how long it waits after the signal is right again");
const MESSAGE: Parameter = optional("tripped_message", Takes::Text, "\"\"", "what is said when it trips");
const SUSPEND: Parameter = required("suspend_thresh", Takes::Number, "where it trips");
const RESUME: Parameter =
    optional("resume_thresh", Takes::NumberOrNull, "null", "where it lets go; where it trips, if null");
const BOTTOM: Parameter = required("band_bottom", Takes::Number, "the lower end of the band");
const TOP: Parameter = required("band_top", Takes::Number, "the upper end of the band");
pub(super) const BOOL_SUSPENDER: &[Parameter] = &[SLEEP, MESSAGE];
pub(super) const THRESHOLD_SUSPENDER: &[Parameter] = &[SUSPEND, RESUME, SLEEP, MESSAGE];
pub(super) const BAND_SUSPENDER: &[Parameter] = &[BOTTOM, TOP, SLEEP, MESSAGE];
pub(super) const CHANGE_SUSPENDER: &[Parameter] = &[
    optional(
        "expected_value",
        Takes::Value,
        "null",
        "what the signal should be; its value when it is installed, if null",
    ),
    optional("allow_resume", Takes::Bool, "false", "whether it lets go when the signal is right again"),
    SLEEP,
    MESSAGE,
];
pub(super) const COMPONENTS: &[Parameter] = &[
    required("components", Takes::Map, "its components by attribute: {value, kind}, or {components, kind, class_name}"),
    optional("class_name", Takes::Text, "Device", "the name of its class in its repr"),
    LABEL,
];
const MOCK_MODE: Parameter = optional("mock", Takes::Bool, "false", "whether it is connected in mock mode");
const PYTHON_CLASS: Parameter =
    optional("class_name", Takes::Text, "that of ophyd-async", "the name of its class in its repr");
const UNITS: Parameter = optional("units", Takes::TextOrNull, "null", "the unit of its value");
const DECIMALS: Parameter = optional("precision", Takes::Integer, "null", "how many decimals are shown");
const PATTERN: Parameter =
    optional("pattern", Takes::Device, "null", "the stage, or detector, with which it shares a pattern");
const SIGNALS_OF_CONFIG: Parameter = optional("config", Takes::Map, "{}", "signals of its configuration, by attribute");
pub(super) const ASYNC_SIGNAL: &[Parameter] = &[
    optional("datatype", Takes::Value, "that of its value", "float, int, bool, str, strings, array:<f8, or choices"),
    optional("value", Takes::Value, "null", "its value at first"),
    UNITS,
    DECIMALS,
    optional("timeout", Takes::Seconds, "10", "how long a set may take"),
    optional("put_proceeds", Takes::Bool, "true", "whether a set is done once its value is there"),
    MOCK_MODE,
    LABEL,
];
pub(super) const ASYNC_MOTOR: &[Parameter] = &[
    optional("instant", Takes::Bool, "true", "whether it takes no time; it moves at 1 if not"),
    optional("velocity", Takes::Number, "0", "how fast it moves, in units a second; 0 for no time"),
    optional("acceleration_time", Takes::Seconds, "0.5", "how long it takes to come to its velocity"),
    optional("initial_value", Takes::Number, "0", "where it is at first"),
    optional("units", Takes::Text, "mm", "the unit of its position"),
    MOCK_MODE,
    LABEL,
];
pub(super) const ASYNC_STAGE: &[Parameter] = &[MOCK_MODE, LABEL];
pub(super) const ASYNC_AXIS: &[Parameter] = &[
    PYTHON_CLASS,
    optional("value", Takes::Number, "0", "where it is at first"),
    UNITS,
    DECIMALS,
    LIMITS,
    optional("arrives", Takes::Value, "at_once", "when its readback is what was set: at_once, never, or seconds later"),
    SIGNALS_OF_CONFIG,
    MOCK_MODE,
    LABEL,
];
pub(super) const ASYNC_READABLE: &[Parameter] = &[
    PYTHON_CLASS,
    required("children", Takes::Map, "its children by attribute: signals, or devices by class, and their format"),
    optional("child_name_separator", Takes::Text, "\"-\"", "what stands between its name and a child's"),
    MOCK_MODE,
    LABEL,
];
pub(super) const ASYNC_POINT_DETECTOR: &[Parameter] =
    &[optional("num_channels", Takes::Count, "3", "how many channels it has"), PATTERN, MOCK_MODE, LABEL];
const COLLECTION_PERIOD: Parameter = optional("period", Takes::Seconds, "0.2", "how long a collection takes at first");
const FILES_ROOT: Parameter = optional("root", Takes::Text, "file://localhost/simulated/", "where its files are");
const FILENAME: Parameter = optional("filename", Takes::Text, "its name", "the name of its files");
const CONFIG_SIGS: Parameter = optional("config_sigs", Takes::Devices, "[]", "signals of others in its configuration");
const WRITES: Parameter = optional("writes", Takes::Bool, "true", "whether anything comes into its files");
pub(super) const ASYNC_BLOB_DETECTOR: &[Parameter] =
    &[PATTERN, CONFIG_SIGS, COLLECTION_PERIOD, FILES_ROOT, FILENAME, WRITES, MOCK_MODE, LABEL];
pub(super) const ASYNC_DETECTOR: &[Parameter] = &[
    PYTHON_CLASS,
    optional("data", Takes::Value, "[]", "what it writes: suffix, shape, dtype_numpy, chunk_shape, dataset, hinted"),
    optional("signals", Takes::Map, "{}", "signals that stand in its events, by attribute"),
    SIGNALS_OF_CONFIG,
    CONFIG_SIGS,
    optional("triggers", Takes::Texts, "[INTERNAL]", "what can start an exposure"),
    optional("takes_exposures", Takes::Bool, "false", "whether a collection may be of several exposures"),
    COLLECTION_PERIOD,
    FILES_ROOT,
    FILENAME,
    WRITES,
    MOCK_MODE,
    LABEL,
];
pub(super) const ASYNC_FLYER: &[Parameter] = &[
    PYTHON_CLASS,
    optional("prepare_s", Takes::Seconds, "0", "how long it takes to be prepared"),
    optional("kickoff_s", Takes::Seconds, "0", "how long it takes to be kicked off"),
    optional("complete_s", Takes::Seconds, "0", "how long it takes to come to its end"),
];
pub(super) const ASYNC_COMMAND: &[Parameter] = &[
    optional("takes_s", Takes::Seconds, "0", "how long it takes"),
    optional("timeout", Takes::Seconds, "10", "how long it may take"),
];
