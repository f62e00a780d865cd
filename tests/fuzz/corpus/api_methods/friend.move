friend.move
{"jid":"bob","groups":["Work"]}