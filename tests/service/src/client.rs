//! A client of the service.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Orders, with a `traceparent` or without, and gives the status line of the answer.
///
/// # Errors
///
/// That of the connection.
pub async fn order(port: u16, id: u64, traceparent: Option<&str>) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let traceparent = traceparent.map_or_else(String::new, |parent| format!("traceparent: {parent}\r\n"));
    let request = format!("GET /order/{id} HTTP/1.1\r\nhost: service\r\nconnection: close\r\n{traceparent}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}
