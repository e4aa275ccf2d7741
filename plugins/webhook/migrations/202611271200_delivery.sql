-- Зачем: журнал уведомлений; ключ события не даёт записать его дважды.
CREATE TABLE p_webhook_delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  hook text NOT NULL,
  payload text NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  status int,
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz
);
CREATE INDEX p_webhook_delivery_age ON p_webhook_delivery (created_at);
