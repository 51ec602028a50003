//! The binary at a pseudo terminal, that of util-linux's `script`, where Ctrl-C is a key that is pressed.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The binary at a terminal: keys go in, and what the screen shows comes out.
pub(super) struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: ChildStdout,
}

impl Terminal {
    /// Calls the binary there.
    pub(super) fn skyspan(arguments: &[&str]) -> Self {
        let quoted: Vec<String> = arguments.iter().map(|argument| format!("'{argument}'")).collect();
        // A shell that stays between the terminal and the program hears of Ctrl-C too, and says so with its own exit code.
        let command = format!("exec env --default-signal=INT {} {}", env!("CARGO_BIN_EXE_skyspan"), quoted.join(" "));
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--flush", "--command", &command, "/dev/null"])
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("util-linux has `script`");
        let (keys, screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, keys, screen }
    }

    /// Presses keys.
    pub(super) fn press(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).unwrap();
    }

    /// Waits until the screen shows a text; gives all that it has shown since it was last waited for.
    pub(super) fn shows(&mut self, text: &str) -> String {
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains(text) {
            let mut byte = [0];
            if self.screen.read(&mut byte).unwrap() == 0 {
                panic!("expected {text:?}, found {}", String::from_utf8_lossy(&read));
            }
            read.push(byte[0]);
        }
        String::from_utf8_lossy(&read).into_owned()
    }

    /// Waits for the end; gives the exit code and what the screen has shown since it was last waited for.
    pub(super) fn ends(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.screen.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}
