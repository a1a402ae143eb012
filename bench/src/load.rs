//! Load of many clients: `wrk` over HTTP, `pgbench` on PostgreSQL. Both end by themselves.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use integration_tests::TestApp;
use tokio::process::Command;

/// How long each is measured.
pub const LENGTH: Duration = Duration::from_secs(4);

/// What came of a load.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub per_second: f64,
    /// Of a hundred answers one was slower.
    pub p99: Duration,
}

/// GETs of `url`, a random number up to `largest`, and `after`, by so many clients; nothing where wrk cannot be had.
pub async fn http(url: &str, after: &str, largest: u32, token: &str, clients: u32) -> Option<Load> {
    let script = format!(
        "request = function() return wrk.format(\"GET\", \"{path}\" .. math.random(1, {largest}) .. \"{after}\", \
         {{[\"Authorization\"] = \"Bearer {token}\"}}) end\n\
         done = function(s, l, r) io.write(\"MEASURED \", s.requests / s.duration * 1e6, \" \", l:percentile(99), \" \", \
         s.errors.status + s.errors.connect + s.errors.read + s.errors.timeout, \"\\n\") end\n",
        path = url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default(),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("load.lua");
    std::fs::write(&file, script).expect("a script");
    let host: String = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let seconds = format!("-d{}s", LENGTH.as_secs());
    let clients = format!("-c{clients}");
    let output =
        Command::new("wrk").args(["-t1", &clients, &seconds, "-s"]).arg(&file).arg(&host).output().await.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("MEASURED "));
    let mut numbers =
        line.expect("what wrk measured").split(' ').map(|number| number.parse::<f64>().expect("a number"));
    let (per_second, p99) = (numbers.next().expect("a rate"), numbers.next().expect("a time"));
    assert_eq!(numbers.next(), Some(0.0), "answers that are no 200: {text}");
    Some(Load { per_second, p99: Duration::from_secs_f64(p99 / 1e6) })
}

/// Transactions a second of a script with one random variable; nothing where pgbench cannot be had.
pub async fn pgbench(app: &TestApp, script: &str, (variable, largest): (&str, u32), clients: u32) -> Option<f64> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("script.sql");
    let one_line = |statement: &str| format!("{};\n", statement.split_whitespace().collect::<Vec<_>>().join(" "));
    let statements: String = script.split(';').filter(|text| !text.trim().is_empty()).map(one_line).collect();
    std::fs::write(&file, format!("\\set {variable} random(1, {largest})\n{statements}")).expect("a script");
    let output = Command::new(program()?)
        .args([
            "-n",
            "-M",
            "prepared",
            "-j",
            "1",
            "-c",
            &clients.to_string(),
            "-T",
            &LENGTH.as_secs().to_string(),
            "-f",
        ])
        .arg(&file)
        .arg(app.database_url())
        .stdin(Stdio::null())
        .output()
        .await
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("tps = "));
    let line = line.unwrap_or_else(|| panic!("pgbench: {text}{}", String::from_utf8_lossy(&output.stderr)));
    line.split(' ').next().and_then(|rate| rate.parse().ok())
}

/// Where pgbench is: beside the server's programs, which are not always on the path.
fn program() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let beside = versions.map(|version| version.path().join("bin/pgbench"));
    let on_path =
        std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join("pgbench")).collect::<Vec<_>>();
    on_path.into_iter().chain(beside).find(|path| path.is_file())
}
