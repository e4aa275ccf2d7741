--- Rules that this region changes: drafts, checks, versions, what is in force. The mechanism is kit.packs, the words for people are in
--- docs/rule-packs.md.
---
---   service.list get versions version history diff effective rebase   reading
---   drafts.get save drop check                                        writing
---   publishing.keep publish promote stop rollback                     versions and what is in force
local rules = {}

return rules
