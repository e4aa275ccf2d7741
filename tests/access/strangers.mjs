// Objects of others: what each visitor must not reach, whatever he knows of their keys.
import { sql } from "../support/inside.mjs";

const rows = async (server, text) => (await sql(server, text)).map(([id]) => id);

// Keys of objects that are not the visitor's, by kind.
export async function foreign(server, email) {
  const me = `(SELECT u.id FROM user_account u WHERE u.email = '${email}')`;
  const person = `(SELECT p.id FROM person p WHERE p.user_id = ${me})`;
  const organization = `(SELECT coalesce(max(organization_id), 0) FROM role_grant WHERE user_id = ${me})`;
  return {
    applications: await rows(server, `SELECT public_id FROM application WHERE person_id <> ${person} AND organization_id <> ${organization} AND state <> 'draft' ORDER BY id LIMIT 3`),
    drafts: await rows(server, `SELECT public_id FROM application WHERE person_id <> ${person} AND state = 'draft' ORDER BY id LIMIT 1`),
    orders: await rows(server, `SELECT o.public_id FROM order_doc o WHERE o.organization_id <> ${organization} ORDER BY o.id LIMIT 2`),
    groups: await rows(server, `SELECT g.id FROM study_group g WHERE g.organization_id <> ${organization}
      AND NOT EXISTS (SELECT FROM enrollment e WHERE e.group_id = g.id AND e.person_id = ${person})
      AND NOT EXISTS (SELECT FROM lesson l JOIN lesson_teacher t ON t.lesson_id = l.id JOIN staff_resource s ON s.id = t.staff_id WHERE l.group_id = g.id AND s.person_id = ${person})
      ORDER BY g.id LIMIT 2`),
    lessons: await rows(server, `SELECT l.id FROM lesson l JOIN study_group g ON g.id = l.group_id WHERE g.organization_id <> ${organization}
      AND NOT EXISTS (SELECT FROM lesson_teacher t JOIN staff_resource s ON s.id = t.staff_id WHERE t.lesson_id = l.id AND s.person_id = ${person}) ORDER BY l.id LIMIT 2`),
    files: await rows(server, `SELECT f.public_id FROM file_object f JOIN application_document d ON d.file_id = f.id JOIN application a ON a.id = d.application_id
      WHERE a.person_id <> ${person} AND a.organization_id <> ${organization} ORDER BY f.id LIMIT 2`),
    users: await rows(server, `SELECT public_id FROM user_account WHERE id <> ${me} ORDER BY id LIMIT 1`),
    jobs: await rows(server, `SELECT id FROM job WHERE created_by IS DISTINCT FROM ${me} ORDER BY id LIMIT 1`),
  };
}

// Who must not reach which kind, and how it is tried: [method, path, body].
const TRIES = {
  applications: (id) => [["GET", `/api/v1/applications/${id}`], ["GET", `/cabinet/applications/${id}`],
    ["POST", `/api/v1/applications/${id}/transitions`, { action: "take" }], ["POST", `/api/v1/applications/${id}/notes`, { text: "x" }]],
  drafts: (id) => [["GET", `/api/v1/applications/${id}`], ["POST", `/api/v1/applications/${id}/transitions`, { action: "submit" }]],
  orders: (id) => [["GET", `/api/v1/orders/${id}`], ["GET", `/cabinet/orders/${id}`], ["GET", `/cabinet/orders/${id}/print`],
    ["POST", `/api/v1/orders/${id}/transitions`, { action: "send" }]],
  groups: (id) => [["GET", `/cabinet/journal/${id}`], ["POST", `/api/v1/groups/${id}/transitions`, { action: "open" }]],
  lessons: (id) => [["POST", `/api/v1/lessons/${id}/transitions`, { action: "cancel", reason: "x" }]],
  files: (id) => [["GET", `/files/${id}`]],
  users: (id) => [["GET", `/api/v1/users/${id}`], ["POST", `/api/v1/users/${id}/block`, { reason: "x" }], ["GET", `/admin/users/${id}`]],
  jobs: (id) => [["GET", `/api/v1/jobs/${id}`], ["GET", `/cabinet/jobs/${id}`], ["POST", `/cabinet/jobs/${id}/cancel`]],
};

const ALL = Object.keys(TRIES);
export const KINDS = {
  learner: ALL, customer: ALL, teacher: ALL, partner: ALL, partner2: ALL,
  staff: ["drafts", "users", "jobs"], coordinator: ["drafts", "files", "users", "jobs"],
};

export const tries = (kind, id) => TRIES[kind](id);
