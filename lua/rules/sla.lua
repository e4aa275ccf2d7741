--- Deadlines of applications, in working days of the production calendar.
return {
  application = {
    decision_days = 5,  -- from submission, and again from the documents sent, to a decision
    documents_days = 5, -- for the applicant to send what was asked
    warn_days = 1,      -- so many days before the deadline the chip turns yellow
    waitlist_days = 14, -- calendar days after the start of the training during which the waiting list still lives
  },
}
