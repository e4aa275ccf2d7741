-- Why: what Госуслуги vouches for, or a clerk has compared with the paper, its owner does not change any more; a correction is asked for.
ALTER TABLE person ADD COLUMN verified jsonb NOT NULL DEFAULT '{}'; -- {"last_name": "esia", "snils": "staff"}
