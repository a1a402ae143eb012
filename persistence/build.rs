//! Has the crate built anew when a migration is added: the compiler does not see the folder that is embedded.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
