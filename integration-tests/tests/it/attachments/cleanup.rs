//! What nothing names is deleted after a while, its bytes too, and nothing else is.

use std::time::Duration;

use integration_tests::attachments::{download, id, stored_files, taken_in};
use integration_tests::mailings::{content, create, draft, text, with};
use integration_tests::{Database, TestApp, on_both_databases};
use serde_json::json;

use super::{PNG, pdf};

on_both_databases! {
    async fn what_no_mailing_names_is_deleted_and_what_one_names_stays(database: Database) {
        let mut app = TestApp::start(database).await;
        let bytes = pdf(1000);
        let named = taken_in(&app, "named.pdf", &bytes).await;
        let same_bytes = taken_in(&app, "loose.pdf", &bytes).await;
        let loose = taken_in(&app, "loose.png", PNG).await;
        let contents = [with(content("fi", "a", "b"), &json!({"attachment_ids": [id(&named)]}))];
        create(&app, &draft(&json!({"party_ids": [1]}), &contents)).await;
        let stray = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let folder = app.data_dir().join("files");
        std::fs::create_dir_all(folder.join("9f")).unwrap();
        std::fs::write(folder.join("9f").join(stray), "nobody knows me").unwrap();
        std::fs::write(folder.join("README"), "not an attachment").unwrap();

        // Young as they are, they stay.
        app.restart().await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(stored_files(&app).len(), 3);
        for file in [&same_bytes, &loose] {
            download(&app, &id(file)).await.expect_status(200);
        }

        app.set("POSTITUS_ATTACHMENT_KEEP_HOURS", "0");
        app.restart().await;
        let kept = vec![text(&named, "sha256")];
        let cleaned = async {
            while stored_files(&app) != kept {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), cleaned).await.expect("only what is named");
        for file in [&same_bytes, &loose] {
            download(&app, &id(file)).await.expect_problem(404, "not_found");
        }
        assert!(download(&app, &id(&named)).await.expect_status(200).body == bytes);
        assert!(folder.join("README").exists());

        // The same bytes can be taken in again.
        app.set("POSTITUS_ATTACHMENT_KEEP_HOURS", "24");
        app.restart().await;
        let again = taken_in(&app, "again.png", PNG).await;
        assert!(download(&app, &id(&again)).await.expect_status(200).body == PNG);
    }
}
