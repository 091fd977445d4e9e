-- The name of a table has the collation C, and whatever is compared with it is compared by C: no index of a text column is of use then, and
-- every saved file had message_media and media_access read as a whole. A variable of type text has the usual collation.
BEGIN;

CREATE OR REPLACE FUNCTION public.owed_by_media() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_kind TEXT := TG_TABLE_NAME;
BEGIN
  PERFORM public.owed_again(of_kind, NEW.id, NEW.state);
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION public.chat_changed_by_media() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_kind TEXT := TG_TABLE_NAME;
BEGIN
  INSERT INTO public.chat_changed (chat_id)
    SELECT DISTINCT chat_id FROM public.message_media WHERE kind = of_kind AND media_id = NEW.id;
  RETURN NULL;
END
$$;

COMMIT;
