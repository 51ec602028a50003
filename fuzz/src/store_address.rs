//! The address of a trace in a store, and the headers that go with it.

use skyspan::store::{StoreAddress, StoreHeaders};

/// An address: an error shows no password, and what is written of an address is read as the same one. A list of headers: an error shows
/// no value.
///
/// # Panics
///
/// If one of these does not hold.
pub fn store_address(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let password = text.split("://").nth(1).and_then(|rest| {
        let (user, _) = rest.split('?').next()?.rsplit_once('@')?;
        Some(user.to_owned()).filter(|user| user.len() > 5 && !text.starts_with(&**user))
    });
    match text.parse::<StoreAddress>() {
        Ok(address) => {
            assert!(password.is_none(), "{address}");
            let written = address.to_string();
            let again: StoreAddress = written.parse().unwrap_or_else(|error| panic!("written, not read: {error}"));
            assert_eq!(again, address);
            assert_eq!(again.to_string(), written);
        }
        Err(error) => {
            let told = error.to_string();
            assert!(!told.is_empty());
            if let Some(password) = password {
                assert!(!error.address.contains(&password), "{told}");
            }
        }
    }
    if let Err(error) = StoreHeaders::new().list(&text, "HERE") {
        assert!(error.to_string().starts_with("HERE: "));
    }
}
