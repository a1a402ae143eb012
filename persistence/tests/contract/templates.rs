//! Templates as they are stored: found by folder, channel and occasion, every save kept, attachments held.

use domain::eligibility::Channel;
use domain::ids::new_id;
use domain::mailing::Format;
use domain::occasion::OccasionKind;
use domain::template::{Binding, LanguageVersion, Template, TemplateRef};
use domain::text::sort_key;
use persistence::attachments::{self, Deletion};
use persistence::templates::{
    self, FolderDeletion, Save, StoredFolder, StoredTemplate, Taken, TemplateFilter, delete_folder, find_folder,
    insert_folder, list_folders, update_folder,
};
use persistence::{Backend, Db, StoreError};
use uuid::Uuid;

use crate::attachments::taken_in;
use crate::support::now;

fn folder(channel: Channel, name: &str) -> StoredFolder {
    StoredFolder {
        folder_id: new_id(),
        version: 1,
        channel,
        name: name.to_owned(),
        sort_key: sort_key(name),
        created_at: now(),
        created_by: "tester".to_owned(),
        updated_at: now(),
    }
}

fn stored_folder(db: &Db, channel: Channel, name: &str) -> StoredFolder {
    let new = folder(channel, name);
    let written = new.clone();
    assert!(db.write_blocking(move |writer| insert_folder(writer, &written)).unwrap());
    new
}

fn template(folder: &StoredFolder, name: &str) -> Template {
    Template {
        folder_id: folder.folder_id,
        name: name.to_owned(),
        channel: folder.channel,
        format: Format::Text,
        occasion: None,
        language_versions: vec![LanguageVersion {
            language: "fi".to_owned(),
            subject: None,
            body: "Hei".to_owned(),
            attachment_ids: Vec::new(),
        }],
    }
}

fn bound(template: Template, kind: OccasionKind, workflow_ref: Option<&str>, default: bool) -> Template {
    let workflow_ref = workflow_ref.map(str::to_owned);
    Template { occasion: Some(Binding { kind, workflow_ref, default }), ..template }
}

fn save() -> Save {
    Save { subject: "tester".to_owned(), at: now(), restored_from: None }
}

fn stored(db: &Db, template: &Template) -> Uuid {
    let (id, template) = (new_id(), template.clone());
    db.write_blocking(move |writer| templates::insert(writer, id, &template, &save())).unwrap();
    id
}

fn find(db: &Db, id: Uuid) -> Option<StoredTemplate> {
    db.read_blocking(move |reader| templates::find(reader, id)).unwrap()
}

fn names(found: &[StoredTemplate]) -> Vec<&str> {
    found.iter().map(|stored| stored.template.name.as_str()).collect()
}

on_both!(folders_are_listed_in_finnish_order_and_named_once_a_channel, |database| {
    let db = database.open();
    for name in ["Öljy", "Vesi", "Ääni", "Zeta"] {
        stored_folder(&db, Channel::Email, name);
    }
    let sms = stored_folder(&db, Channel::Sms, "vesi");
    let again = folder(Channel::Email, " VESI ");
    assert!(!db.write_blocking(move |writer| insert_folder(writer, &again)).unwrap());
    let page = |channel, after| db.read_blocking(move |reader| list_folders(reader, channel, after, 3)).unwrap();
    let first = page(Some(Channel::Email), None);
    let shown = |found: &[StoredFolder]| found.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    assert_eq!(shown(&first), ["Vesi", "Zeta", "Ääni"]);
    let last = first.last().unwrap();
    assert_eq!(shown(&page(Some(Channel::Email), Some((last.sort_key.clone(), last.folder_id)))), ["Öljy"]);
    assert_eq!(page(Some(Channel::Sms), None), std::slice::from_ref(&sms));
    let renamed = db.write_blocking(move |writer| {
        let old = find_folder(writer, sms.folder_id)?.unwrap();
        assert!(update_folder(writer, &old, "Vesi", now())?, "its own name in another case");
        find_folder(writer, old.folder_id)
    });
    let renamed = renamed.unwrap().unwrap();
    assert_eq!((renamed.version, renamed.name.as_str(), renamed.sort_key), (2, "Vesi", sort_key("Vesi")));
});

on_both!(a_folder_with_templates_is_not_deleted, |database| {
    let db = database.open();
    let folder = stored_folder(&db, Channel::Email, "Vesi");
    let id = stored(&db, &template(&folder, "Vesikatko"));
    let folder_id = folder.folder_id;
    let delete = || db.write_blocking(move |writer| delete_folder(writer, folder_id)).unwrap();
    assert_eq!(delete(), FolderDeletion::InUse);
    db.write_blocking(move |writer| templates::delete(writer, id)).unwrap();
    assert_eq!(find(&db, id), None);
    assert_eq!(delete(), FolderDeletion::Done);
    assert!(db.read_blocking(move |reader| find_folder(reader, folder_id)).unwrap().is_none());
});

on_both!(every_save_of_a_template_is_kept, |database| {
    let db = database.open();
    let folder = stored_folder(&db, Channel::Email, "Vesi");
    let first = template(&folder, "Vesikatko");
    let id = stored(&db, &first);
    let read = find(&db, id).unwrap();
    assert_eq!((read.template, read.version, read.created_at), (first.clone(), 1, now()));
    let second = bound(Template { name: "Öljy".to_owned(), ..first.clone() }, OccasionKind::OverdueKeyLoan, None, true);
    let next = Save { restored_from: Some(1), subject: "other".to_owned(), ..save() };
    let changed = second.clone();
    let saved = TemplateRef { template_id: id, version: 2 };
    db.write_blocking(move |writer| templates::update(writer, saved, &changed, &next)).unwrap();
    let read = find(&db, id).unwrap();
    assert_eq!((&read.template, read.version, read.created_by.as_str()), (&second, 2, "tester"));
    assert_eq!((read.updated_by.as_str(), read.sort_key), ("other", sort_key("Öljy")));
    let versions = db.read_blocking(move |reader| templates::list_versions(reader, id, None, 10)).unwrap();
    let kept: Vec<_> = versions.iter().map(|saved| (saved.version, saved.restored_from)).collect();
    assert_eq!(kept, [(2, Some(1)), (1, None)]);
    let older = db.read_blocking(move |reader| templates::list_versions(reader, id, Some(2), 10)).unwrap();
    assert_eq!(older.len(), 1);
    let version = |number| db.read_blocking(move |reader| templates::find_version(reader, id, number)).unwrap();
    assert_eq!(version(1).unwrap().template, first);
    assert_eq!(version(3), None);
});

on_both!(templates_are_found_by_folder_channel_and_occasion, |database| {
    let db = database.open();
    let (mail, sms) = (stored_folder(&db, Channel::Email, "Vesi"), stored_folder(&db, Channel::Sms, "Vesi"));
    let loan = |folder, name, default| bound(template(folder, name), OccasionKind::OverdueKeyLoan, None, default);
    let workflow = |name, of| bound(template(&mail, name), OccasionKind::Workflow, Some(of), false);
    for one in [
        template(&mail, "Öljy"),
        template(&mail, "Aatto"),
        loan(&mail, "Avain 2", false),
        loan(&mail, "Avain 1", false),
        loan(&sms, "Avain", false),
        workflow("Huolto", "huolto"),
        workflow("Muutto", "muutto"),
    ] {
        stored(&db, &one);
    }
    let listed =
        |filter: TemplateFilter| db.read_blocking(move |reader| templates::list(reader, &filter, None, 100)).unwrap();
    let all = TemplateFilter::default;
    let every = listed(all());
    assert_eq!(names(&every), ["Aatto", "Avain", "Avain 1", "Avain 2", "Huolto", "Muutto", "Öljy"]);
    assert_eq!(names(&listed(TemplateFilter { folder_id: Some(sms.folder_id), ..all() })), ["Avain"]);
    assert_eq!(names(&listed(TemplateFilter { channel: Some(Channel::Sms), ..all() })), ["Avain"]);
    let of_workflow = TemplateFilter { workflow_ref: Some("muutto".to_owned()), ..all() };
    assert_eq!(names(&listed(of_workflow)), ["Muutto"]);
    let no_workflow =
        TemplateFilter { occasion: Some(OccasionKind::Workflow), workflow_ref: Some(String::new()), ..all() };
    assert_eq!(names(&listed(no_workflow)), [""; 0]);
    let after = (every[5].sort_key.clone(), every[5].template_id);
    let rest = db.read_blocking(move |reader| templates::list(reader, &all(), Some(after.clone()), 100)).unwrap();
    assert_eq!(names(&rest), ["Öljy"]);

    let default = |channel| {
        let find = move |reader: &mut persistence::Reader<'_>| {
            templates::default_of_occasion(reader, OccasionKind::OverdueKeyLoan, None, channel)
        };
        db.read_blocking(find).unwrap().map(|stored| stored.template.name)
    };
    assert_eq!(default(Channel::Sms).as_deref(), Some("Avain"), "the only one");
    assert_eq!(default(Channel::Email), None, "two, and none is marked");
    let marked = loan(&mail, "Avain 3", true);
    stored(&db, &marked);
    assert_eq!(default(Channel::Email).as_deref(), Some("Avain 3"));
    let find = move |reader: &mut persistence::Reader<'_>| {
        templates::of_occasion(reader, OccasionKind::Workflow, Some("huolto"), Channel::Email)
    };
    assert_eq!(names(&db.read_blocking(find).unwrap()), ["Huolto"]);

    let taken =
        |template: Template, but| db.read_blocking(move |reader| templates::taken(reader, &template, but)).unwrap();
    assert_eq!(taken(template(&mail, "aatto"), None), Some(Taken::Name));
    assert_eq!(taken(template(&mail, "aatto"), Some(every[0].template_id)), None, "itself");
    assert_eq!(taken(template(&sms, "aatto"), None), None, "another folder");
    assert_eq!(taken(loan(&mail, "Uusi", true), None), Some(Taken::Default("Avain 3".to_owned())));
    assert_eq!(taken(loan(&mail, "Uusi", false), None), None);
    assert_eq!(taken(loan(&sms, "Uusi", true), None), None, "another channel");
});

on_both!(what_any_version_of_a_template_names_is_not_deleted, |database| {
    let db = database.open();
    let file = taken_in(&db, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    let file = file.attachment.attachment_id;
    let folder = stored_folder(&db, Channel::Email, "Vesi");
    let without = template(&folder, "Vesikatko");
    let mut with = without.clone();
    with.language_versions[0].attachment_ids = vec![file];
    let id = stored(&db, &with);
    let later = now() + chrono::TimeDelta::hours(1);
    let delete = || db.write_blocking(move |writer| attachments::delete(writer, file)).unwrap();
    let forgotten = || db.write_blocking(move |writer| attachments::forget_unnamed(writer, later)).unwrap();
    assert_eq!((delete(), forgotten()), (Deletion::InUse, 0));
    db.write_blocking(move |writer| {
        templates::update(writer, TemplateRef { template_id: id, version: 2 }, &with, &save())?;
        templates::update(writer, TemplateRef { template_id: id, version: 3 }, &without, &save())?;
        Ok::<_, StoreError>(())
    })
    .unwrap();
    assert_eq!((delete(), forgotten()), (Deletion::InUse, 0), "an old version can be restored");
    db.write_blocking(move |writer| templates::delete(writer, id)).unwrap();
    assert_eq!(delete(), Deletion::Done);
});

on_both!(two_who_take_the_same_name_at_once_are_not_both_let, |database| {
    let db = database.open();
    let folder = stored_folder(&db, Channel::Email, "Vesi");
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(2));
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let (db, new, barrier) = (&db, template(&folder, "Vesikatko"), std::sync::Arc::clone(&barrier));
                // On SQLite writers come one after the other, and would wait for each other here.
                let mut waits = db.backend() == Backend::Postgres;
                scope.spawn(move || {
                    db.write_blocking(move |writer| {
                        if templates::taken(writer, &new, None)?.is_some() {
                            return Ok::<_, StoreError>(false);
                        }
                        if std::mem::take(&mut waits) {
                            barrier.wait();
                        }
                        templates::insert(writer, new_id(), &new, &save())?;
                        Ok(true)
                    })
                    .unwrap()
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|added| **added).count(), 1);
});
