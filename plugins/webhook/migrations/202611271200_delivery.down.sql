DROP TABLE p_webhook_delivery;
