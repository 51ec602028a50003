//! Records what orders leave, each in a file of its own: `cargo run -p service --example record_orders -- OUT NUMBER`.

use std::path::PathBuf;

use skyspan_trace::trace::Capture;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let out = PathBuf::from(arguments.next().ok_or("expected a folder")?);
    let number: usize = arguments.next().and_then(|text| text.to_str()?.parse().ok()).ok_or("expected a number")?;
    // Those that cannot be paid are no good ones.
    for (at, id) in (100..).filter(|id| id % 5 != 4).take(number).enumerate() {
        let capture = Capture::new();
        let scope = capture.scope();
        let port = service::serve(service::by_tracing::app()).await?;
        let answer = service::client::order(port, id, None).await?;
        assert_eq!(answer, "HTTP/1.1 200 OK");
        capture.wait_until(|trace| trace.named("pack").count() == 1).await?;
        let trace = capture.settled().await?;
        std::fs::write(out.join(format!("{:02}.json", at + 1)), trace.to_otlp_json())?;
        drop(scope);
    }
    Ok(())
}
