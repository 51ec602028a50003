//! `skyspan completions` and `skyspan man`.

use clap::CommandFactory as _;

use crate::arguments::{Arguments, Completions, Man};
use crate::command::{CommandError, print};

/// Prints what makes a shell complete the command line.
pub(crate) fn completions(wanted: &Completions) -> Result<(), CommandError> {
    // Made whole first: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(wanted.shell, &mut Arguments::command(), "skyspan", &mut script);
    print(|out| out.write_all(&script))
}

/// Prints the page of the manual, or writes one for each command into a folder.
pub(crate) fn man(wanted: &Man) -> Result<(), CommandError> {
    match &wanted.dir {
        None => print(|mut out| clap_mangen::Man::new(Arguments::command()).render(&mut out)),
        Some(dir) => clap_mangen::generate_to(Arguments::command(), dir)
            .map_err(|error| CommandError::Write { what: dir.display().to_string(), error }),
    }
}
