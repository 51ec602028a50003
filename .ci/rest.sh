#!/usr/bin/env bash
# The one list of checks; run by hand as `.ci/run`. Needs Rust (with rustfmt and clippy), Python 3.11 or later and Node 20.11 or later, and
# installs what else it needs below target/.
set -u
cd "$(dirname "$0")/.." || exit 1

passed=0
failed=()

# Runs a command, shows what it printed if it failed, and counts it.
check() {
    local name=$1 log
    shift
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        printf 'ok      %s\n' "$name"
        passed=$((passed + 1))
    else
        printf 'FAILED  %s\n' "$name"
        tail -n 200 "$log" | sed 's/^/    /'
        failed+=("$name")
    fi
    rm -f "$log"
}

# Plan files, traces and queries that nobody would write, by thousands.
check 'a program that panics, hangs or says nothing is noticed' fuzz/program/mutate.py --self-test
check '4,000 mutated inputs' fuzz/program/mutate.py --count 4000 --seconds 120

# The live oracle: every plan file on real bluesky, held against ours.
venv=target/oracle
make_venv() {
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv" || return 1
    "$venv/bin/pip" install --quiet --disable-pip-version-check \
        bluesky==1.15.1 ophyd==1.11.2 event-model==1.24.0 opentelemetry-sdk==1.45.2 pyyaml \
        opentelemetry-exporter-otlp-json-common==0.66b1 jsonschema==4.26.0
}
# Which of two threads of bluesky is first may differ once in a while, and some of its races never end; skyspan is always the
# same. So a recording that differs, or does not come, is made again.
compare() {
    local plan=$1 out attempt
    out=target/recordings/$(basename "$plan" .yaml)
    for attempt in 1 2 3; do
        rm -rf "$out"
        mkdir -p "$out"
        # Exit code 1 says that a plan failed, as some are meant to; the recording says which.
        target/release/skyspan run "$plan" --spans none --out "$out/skyspan" || [ $? -eq 1 ] || return 1
        timeout 60 "$venv/bin/python" oracle/bluesky_oracle.py "$plan" "$out/bluesky" &&
            "$venv/bin/python" oracle/compare.py "$out/bluesky" "$out/skyspan" && return 0
        printf 'attempt %s of 3\n' "$attempt"
    done
    return 1
}
check 'the versions of the oracle' make_venv
for plan in fixtures/plans/*.yaml; do
    check "oracle: $plan" compare "$plan"
done

# The same on a clock of its own, where real bluesky takes as long as skyspan does, to the microsecond.
exact_times() {
    local plan=$1 out
    out=target/recordings/exact/$(basename "$plan" .yaml)
    rm -rf "$out"
    mkdir -p "$out"
    target/release/skyspan run "$plan" --spans none --out "$out/skyspan" || [ $? -eq 1 ] || return 1
    timeout 60 "$venv/bin/python" oracle/exact_times.py "$plan" "$out/bluesky" &&
        "$venv/bin/python" oracle/exact_times.py --compare "$out/bluesky" "$out/skyspan"
}
for plan in fixtures/exact/*.yaml; do
    check "exact times: $plan" exact_times "$plan"
done
# A tenth of a percent more is told.
longer() {
    sed 's/delay: 1.3/delay: 1.3013/' fixtures/exact/scan.yaml >target/recordings/exact/longer.yaml &&
        target/release/skyspan run target/recordings/exact/longer.yaml --spans none --out target/recordings/exact/longer &&
        ! "$venv/bin/python" oracle/exact_times.py --compare target/recordings/exact/scan/bluesky target/recordings/exact/longer
}
check 'exact times: what takes longer is told' longer

# Where each job of a beamline breaks, message by message: the same on any number of threads.
tortured() {
    local plan=$1 jobs
    for jobs in 1 2; do
        target/release/skyspan torture "$plan" --jobs "$jobs" >"target/recordings/torture-$jobs.txt" || [ $? -eq 1 ] || return 1
    done
    diff target/recordings/torture-1.txt target/recordings/torture-2.txt
}
for plan in fixtures/jobs/*.yaml; do
    check "torture: $plan" tortured "$plan"
done

# Editors check plan files by our schema.
schema_holds() {
    target/release/skyspan schema >target/recordings/plan-file.schema.json &&
        "$venv/bin/python" oracle/check_schema.py target/recordings/plan-file.schema.json fixtures/plans/*.yaml fixtures/exact/*.yaml fixtures/checks/stage.yaml
}
check 'the schema of plan files' schema_holds
check_schema_holds() {
    target/release/skyspan schema check >target/recordings/check-file.schema.json &&
        "$venv/bin/python" oracle/check_schema.py target/recordings/check-file.schema.json fixtures/checks/*.check.yaml \
            fuzz/seeds/check_file/{documents,if,order,span,version}.yaml
}
check 'the schema of check files' check_schema_holds

# The fuzzer of plan files writes no word that skyspan does not know.
check 'the words of the fuzzer' "$venv/bin/python" oracle/vocabulary.py target/release/skyspan
# What event-model makes of our documents, and Python of what we print.
check 'the documents conform to event-model' "$venv/bin/python" oracle/validate_documents.py target/recordings/*/skyspan
python_reads_it() {
    target/release/skyspan run fixtures/plans/tracing_demo.yaml >target/recordings/console.json &&
        "$venv/bin/python" oracle/read_console.py target/recordings/console.json
}
check 'Python reads the console JSON' python_reads_it
recorded_again() {
    cp -r "fixtures/$1" "target/recordings/$1" &&
        "$venv/bin/python" "target/recordings/$1/record.py" &&
        diff -r "fixtures/$1" "target/recordings/$1"
}
rm -rf target/recordings/traces target/recordings/otlp
check 'the recorded traces are those of the SDK' recorded_again traces
check 'the recorded OTLP JSON is that of the exporter' recorded_again otlp

# Real exporters of other languages and versions against the receiver, and the example of bluesky's page on tracing.
exporters=target/exporters
make_exporters() {
    [ -x "$exporters/venv/bin/python" ] || python3 -m venv "$exporters/venv" || return 1
    "$exporters/venv/bin/pip" install --quiet --disable-pip-version-check \
        bluesky==1.15.1 ophyd==1.11.2 opentelemetry-sdk==1.45.2 \
        opentelemetry-exporter-otlp-proto-http==1.45.2 opentelemetry-exporter-otlp-proto-grpc==1.45.2
}
record() {
    timeout 120 target/release/skyspan record -o "$exporters/$1.json" -- "${@:2}"
}
# The number of spans that a query finds in what was recorded.
finds() {
    local found
    found=$(target/release/skyspan query "$exporters/$1.json" "$2" --ids | wc -l)
    [ "$found" -eq "$3" ] || { printf '%s: %s finds %s spans, not %s\n' "$1" "$2" "$found" "$3"; return 1; }
}
# What Python prints of its spans is, byte for byte, what the receiver has of them.
python_spans() {
    local name=python-$1-${2:-plain}
    record "$name" ${2:+env "OTEL_EXPORTER_OTLP_COMPRESSION=$2"} \
        "$exporters/venv/bin/python" oracle/exporters/python_spans.py "$1" >"$exporters/$name.printed" &&
        target/release/skyspan convert "$exporters/$name.json" --to console >"$exporters/$name.received" &&
        "$exporters/venv/bin/python" oracle/exporters/same_spans.py "$exporters/$name".{printed,received}
}
the_example() {
    record example "$exporters/venv/bin/python" oracle/exporters/bluesky_example.py &&
        finds example '{ }' 4 &&
        finds example '{ name = "Bluesky RunEngine run" && resource.service.name = "bluesky-docs-example" }' 1 &&
        finds example '{ name = "demo plan" } > { name = "Bluesky RunEngine set" } > { name = "Ophyd Status" }' 1
}
an_order() {
    finds "$1" '{ name = "order" && nestedSetParent < 0 } > { name = "charge" && kind = client }' 600 &&
        finds "$1" '{ status = error && statusMessage = "declined" && span.at = 7 }' 1 &&
        finds "$1" '{ event:name = "stored" }' 1
}
check 'the exporters of Python' make_exporters
for compression in '' gzip deflate; do
    check "received from Python: http $compression" python_spans http $compression
done
for compression in '' gzip; do
    check "received from Python: grpc $compression" python_spans grpc $compression
done
check "received from bluesky: the example of its documentation" the_example
rust_spans() {
    record "rust-$1" target/debug/rust-spans "$1" && an_order "rust-$1"
}
check 'the exporters of Rust' env CARGO_TARGET_DIR=target \
    cargo build --quiet --manifest-path oracle/exporters/rust/Cargo.toml
for way in http grpc old; do
    check "received from Rust: $way" rust_spans "$way"
done
make_node() {
    mkdir -p "$exporters/node" && cp oracle/exporters/node_spans.js "$exporters/node" && cd "$exporters/node" &&
        printf '{"private":true}' >package.json &&
        npm install --silent --no-audit --no-fund @opentelemetry/api@1 @opentelemetry/resources@2 \
            @opentelemetry/sdk-trace-node@2 @opentelemetry/exporter-trace-otlp-{proto,http,grpc}@0.223
}
node_spans() {
    record "node-$1" node "$exporters/node/node_spans.js" "$1" && an_order "node-$1"
}
if command -v npm >/dev/null; then
    check 'the exporters of Node' bash -c "$(declare -f make_node); exporters=$exporters; make_node"
    for way in proto http grpc; do
        check "received from Node: $way" node_spans "$way"
    done
fi

# A store behind TLS: what is trusted is read, and what is not is refused.
check 'a trace over TLS' python3 oracle/store_tls.py target/release/skyspan target/store-tls

# The script of the page: typed, linted, built again and compared; and what Chromium makes of the page.
page=crates/skyspan-trace/page
make_page_tools() {
    mkdir -p target/page && cp "$page/package.json" "$page/package-lock.json" target/page/ &&
        npm ci --prefix target/page --silent --no-audit --no-fund &&
        { [ -d "$page/node_modules" ] || ln -sfn ../../../target/page/node_modules "$page/node_modules"; }
}
page_is_built() {
    rm -rf target/page/built && (cd "$page" && node build.mjs "$OLDPWD/target/page/built") &&
        diff -r "$page/built" target/page/built
}
page_in_a_browser() {
    command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium; } || return 1
    node "$page/test/browser.mjs" target/release/skyspan target/page/out
}
check 'the tools of the page' make_page_tools
check 'the script of the page is typed and linted' npm --prefix "$page" run --silent check
check 'the page is built of its sources' page_is_built
check 'the page in Chromium' page_in_a_browser

printf '\n'
for name in "${failed[@]+"${failed[@]}"}"; do
    printf 'failed: %s\n' "$name"
done
printf '%d passed, %d failed\n' "$passed" "${#failed[@]}"
[ "${#failed[@]}" -eq 0 ]
