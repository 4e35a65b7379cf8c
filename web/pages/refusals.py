"""What the domain's refusals say to a person: each code's sentence tells what to do."""

from typing import Final

from flask_babel import gettext, lazy_gettext

# Every code that `instance` can raise, in one literal table; a test compares it with the domain's source.
SENTENCES: Final = {
    "actor_unknown": lazy_gettext("Your public profile is not ready yet. Try again in a minute."),
    "address_missing": lazy_gettext("Choose one of the addresses found."),
    "address_twice": lazy_gettext("An earlier line has this id already. Take the file as it is published."),
    "another_kind": lazy_gettext("An offer does not become news, nor news an offer."),
    "app_is_on": lazy_gettext("An app is set up already. Turn it off first to set up another one."),
    "app_not_proposed": lazy_gettext("Start again: show the key to the app first."),
    "begins_far": lazy_gettext("This is more than two years ahead. Look at the year again."),
    "begins_missing": lazy_gettext("Say when it begins, or leave end and place empty too."),
    "begins_past": lazy_gettext("This day has passed. Choose a later one."),
    "blocklist_empty": lazy_gettext("There is nothing in this file. Choose a list with one town a line."),
    "blocklist_encoding": lazy_gettext("This file is not UTF-8 text. Save the list as UTF-8, then choose it again."),
    "blocklist_gone": lazy_gettext("This list was looked at too long ago. Choose the file again."),
    "blocklist_large": lazy_gettext("This file is too large: 4 megabytes at most."),
    "blocklist_long": lazy_gettext("This list is too long: 20,000 towns at most. Cut it in two."),
    "blocklist_stale": lazy_gettext(
        "Something has changed since this list was shown. Look at it again, then apply it."
    ),
    "board_closed": lazy_gettext(
        "This board is not open to you yet. “How you are known here” says what opens it, or from which day on."
    ),
    "booked_meanwhile": lazy_gettext(
        "A neighbour has booked it in that time. Choose other days, or call the booking off first."
    ),
    "booked_enough": lazy_gettext(
        "You have two times of this offer ahead of you. Call one off to take another, or leave some for the others."
    ),
    "building_twice": lazy_gettext("This building stands in the file twice. Leave one line."),
    "building_unknown": lazy_gettext(
        "No building here is called so. Write street and number as on a letter, or ask whoever looks after the"
        " building."
    ),
    "building_unclear": lazy_gettext("Several buildings are called so. Add the street, or take its id."),
    "byline_missing": lazy_gettext("Say how you sign outside the town, for example a first name."),
    "card_dead": lazy_gettext(
        "This code opens nothing. Compare it with the card. After five wrong tries, or if a newer card was printed, ask"
        " whoever runs this place for another."
    ),
    "cells_too_many": lazy_gettext("This line has more cells than there are headings."),
    "charter_news": lazy_gettext("What is agreed with this town takes no news."),
    "charter_offers": lazy_gettext("What is agreed with this town does not take this offer."),
    "charter_reports": lazy_gettext("What is agreed with this town takes no reports."),
    "charter_unknown": lazy_gettext("There is no charter with this town."),
    "city_known": lazy_gettext("A city with this code is here already. Open it in the list to add quarters."),
    "code_dead": lazy_gettext(
        "This code opens nothing. Compare it with the letter. After five wrong tries, or if the letter is old, ask for"
        " a new one."
    ),
    "code_wrong": lazy_gettext("This code is not right, or was used already. Wait for the next one and try it."),
    "column_missing": lazy_gettext("This column is missing. The headings are: quarter, name, street, lots."),
    "column_twice": lazy_gettext("This heading is there twice."),
    "column_unknown": lazy_gettext("This heading is not known. The headings are: quarter, name, street, lots."),
    "condition_stays": lazy_gettext(
        "This photo stays: what it shows is past, and the other one of you may rely on it."
    ),
    "conditions_many": lazy_gettext("There are three photos of yours of this moment already."),
    "date_stays": lazy_gettext(
        "This has left town already: it cannot be given a date, nor lose it. Take it down and hang it anew."
    ),
    "day_to_come": lazy_gettext("This day is still to come. Write the day on which they agreed."),
    "day_shape": lazy_gettext("Write a day, for example 2027-05-11."),
    "decided": lazy_gettext("Somebody else decided about this meanwhile."),
    "document_waits": lazy_gettext(
        "A document of yours waits for this home already. Take it back first to send another."
    ),
    "documents_many": lazy_gettext("Three documents of yours wait already. Take one back, or wait for an answer."),
    "due_early": lazy_gettext("Choose a day that is not before the pick-up."),
    "due_far": lazy_gettext("Nothing is lent for more than 90 days here. Choose an earlier day."),
    "enough_written": lazy_gettext("Other towns answered this more often today than is taken."),
    "erasures_malformed": lazy_gettext("This is no ledger of withdrawals as `palier erasures save` writes it."),
    "email_shape": lazy_gettext("Write the e-mail address in full, like name@example.org, or leave it empty."),
    "email_taken": lazy_gettext("This e-mail address already belongs to an account."),
    "ends_far": lazy_gettext("This is more than a year after it begins. Look at the year again."),
    "ends_first": lazy_gettext("Choose an end that is after it begins."),
    "file_changed": lazy_gettext("The file changed while it was read. Nothing was entered; try again."),
    "file_empty": lazy_gettext("The file is empty. Its first line has to hold the headings."),
    "follow_malformed": lazy_gettext("Write an address that begins with https:// or a name like @news@town.example."),
    "follow_self": lazy_gettext("This belongs to your own town: nothing has to be followed."),
    "follow_unknown": lazy_gettext("Nobody waits under this address any more."),
    "geojson_large": lazy_gettext("This file is too large: 64 megabytes and 5,000 outlines at most."),
    "geojson_malformed": lazy_gettext(
        "This is no GeoJSON that can be read: a FeatureCollection in UTF-8. Maps of other kinds can be saved as such."
    ),
    "gzip_broken": lazy_gettext("The packed file is damaged or ends too early. Fetch it again."),
    "hall_code_dead": lazy_gettext(
        "No wall shows this code now. It changes every ten minutes: read it again from the screen in the hall."
    ),
    "hall_unknown": lazy_gettext("This entrance hall is not one that both of you have. Choose where to meet again."),
    "host_wrote_enough": lazy_gettext("Its town answered here more often today than is taken."),
    "hour_shape": lazy_gettext("Choose a full hour."),
    "hour_skipped": lazy_gettext(
        "That night the clocks go forward, and this hour is left out. Choose an hour before 2 or from 3 on."
    ),
    "hour_twice": lazy_gettext(
        "That night the clocks go back, and this hour comes twice. Choose an hour before 2 or from 3 on."
    ),
    "heading_missing": lazy_gettext("This column is missing. Take the file as it is published, with its first line."),
    "import_overtaken": lazy_gettext("Another import was quicker. Nothing was entered; try again."),
    "insee_shape": lazy_gettext("Write the five characters of the INSEE code, for example 13055, or 2A004 in Corsica."),
    "is_staff": lazy_gettext("Only an administrator can do this to somebody who looks after the board."),
    "key_lost": lazy_gettext("The app's codes cannot be checked here any more. Use a recovery code, or ask the town."),
    "known_already": lazy_gettext("It is known already that you live there: no document is needed."),
    "length_shape": lazy_gettext("Choose how long each neighbour has."),
    "lent_already": lazy_gettext(
        "It is promised or lent to somebody for now. You can put yourself down to be told when it is back."
    ),
    "letters_only": lazy_gettext("With somebody in another town there are letters only."),
    "link_dead": lazy_gettext("This link no longer works. Ask for a new one."),
    "far_waits": lazy_gettext("The other town has not heard your last word yet. Try again in an hour."),
    "loan_moved": lazy_gettext("This has changed meanwhile, or is not yours to do. The page shows how it stands now."),
    "loan_open": lazy_gettext("You two have agreed on a loan already. It has to be over before the next one."),
    "login_shape": lazy_gettext(
        "Choose 3 to 30 small letters without accents or digits; dot, dash and underscore may stand in between."
    ),
    "login_taken": lazy_gettext("Somebody already has this login name. Choose another one."),
    "lookups_many": lazy_gettext("Ten are being looked up already. Wait a moment, then try again."),
    "lot_elsewhere": lazy_gettext(
        "In this building there is no lot of the number this person gave. Ask them to correct it and to show another"
        " word."
    ),
    "lookouts_many": lazy_gettext("You keep ten searches already. Let one go to keep another."),
    "lot_too_long": lazy_gettext("Write lot numbers of at most 12 characters."),
    "lot_unknown": lazy_gettext("This building has no such lot. Write the number as it stands on your letterbox."),
    "lots_missing": lazy_gettext("Write at least one lot number, for example 1-44."),
    "lots_too_many": lazy_gettext("A building has at most 2,000 lots here. Enter it in parts."),
    "lots_twice": lazy_gettext("A lot number is there twice. Write each once."),
    "mail_often": lazy_gettext("Several mails went there today. Try again tomorrow."),
    "map_large": lazy_gettext(
        "This file is larger than 16 megabytes. Whoever keeps the machine can enter it: palier quarters outlines."
    ),
    "meeting_agreed": lazy_gettext("A moment is agreed on already. Call it off first, then propose others."),
    "missing": lazy_gettext("Fill in this field."),
    "moment_far": lazy_gettext("Choose a moment within the next 60 days."),
    "moment_gone": lazy_gettext("This moment is no longer proposed. Look at what is proposed now."),
    "moment_past": lazy_gettext("This moment has passed. Choose a later one."),
    "moment_shape": lazy_gettext("Write a day and an hour, for example 2027-05-11 and 18:30."),
    "moment_twice": lazy_gettext("This moment is there twice. Write each once."),
    "moments_many": lazy_gettext("Propose three moments at most."),
    "moments_missing": lazy_gettext("Propose at least one moment."),
    "most_new_shape": lazy_gettext("Choose a number from 1 to 30, or every time."),
    "neighbour_gone": lazy_gettext("This neighbour no longer reads letters here."),
    "no_home": lazy_gettext("No building is known for you yet, so there is no board to hang this on."),
    "no_thread": lazy_gettext("This conversation can no longer be found. Answer the notice itself."),
    "nobody": lazy_gettext("Nobody has this login name."),
    "not_administrator": lazy_gettext("Only an administrator can do this."),
    "not_an_offer": lazy_gettext("Only an offer can be booked."),
    "not_failed": lazy_gettext("This mail was sent, or has nothing to say any more."),
    "neighbour_unknown": lazy_gettext("You do not write for this person. Choose again."),
    "not_checked": lazy_gettext(
        "Only who opened their letterbox, or showed a document, answers for others. Neighbours’ words alone do not"
        " carry further."
    ),
    "not_found": lazy_gettext("This is not here, or not for you to see."),
    "not_fresh": lazy_gettext("Too much time has passed. Go back, and give your password again."),
    "not_known": lazy_gettext(
        "It is not known yet where you live. Under “My account” you see how to show it; then you can write here."
    ),
    "no_date": lazy_gettext("This has no date, so there is nothing to call off."),
    "not_lent": lazy_gettext("It is not lent at the moment. Write to whoever offers it."),
    "odd_day": lazy_gettext("It names a day that nobody can mean."),
    "off_already": lazy_gettext("This was called off already."),
    "not_live": lazy_gettext("This notice has been taken down."),
    "not_longer": lazy_gettext("It already hangs as long as it can. Renew it nearer to its end."),
    "not_moderator": lazy_gettext("Only somebody who looks after the board can do this."),
    "not_narrower": lazy_gettext("Choose fewer people than now. To reach more, hang a new notice."),
    "not_news": lazy_gettext("Only news can be commented on."),
    "not_agreed": lazy_gettext("The other town speaks of an agreement that you did not make."),
    "not_asked": lazy_gettext("This neighbour can no longer be asked for this."),
    "not_so_far": lazy_gettext("What you can be asked for is shown in your building or your quarter, no further."),
    "not_request": lazy_gettext("This is an offer. Take it down when it is no longer one."),
    "not_set_up": lazy_gettext("This town cannot speak to others yet. Start it once more, then try again."),
    "not_utf8": lazy_gettext("The file is not in UTF-8. Save it as CSV UTF-8."),
    "not_your_building": lazy_gettext("This organisation does not write in this building."),
    "not_your_quarter": lazy_gettext("This organisation does not write in this quarter."),
    "not_yours": lazy_gettext("Only whoever wrote this can change it."),
    "not_yourself": lazy_gettext("You cannot do this to your own account."),
    "number_shape": lazy_gettext("There should be a whole number here."),
    "organisation_unknown": lazy_gettext("No organisation has this short name."),
    "outline_degrees": lazy_gettext(
        "Its numbers are not degrees. Save the map in WGS 84 (EPSG:4326), longitude before latitude."
    ),
    "outline_kind": lazy_gettext("It is neither a Polygon nor a MultiPolygon."),
    "outline_large": lazy_gettext("It is too large for a quarter, or has too many points."),
    "outline_ring": lazy_gettext("Its line is not closed, or it is smaller than a house."),
    "outline_twice": lazy_gettext("An earlier outline in this file is of the same quarter."),
    "outline_unnamed": lazy_gettext(
        "Nothing in this file is called like the name of a quarter. Say which property holds it."
    ),
    "outlines_many": lazy_gettext("All outlines together have more than 40,000 points. Enter fewer, or coarser ones."),
    "other_city": lazy_gettext("This address is in another city than the building."),
    "own_word": lazy_gettext("This is your own word. Your neighbour types it."),
    "own_listing": lazy_gettext("This notice is your own."),
    "own_skill": lazy_gettext("You said this of yourself: others ask you for it."),
    "own_proposal": lazy_gettext("You proposed this yourself. The other one chooses."),
    "pairing_dead": lazy_gettext(
        "This code is on no screen now. Type the six letters and digits that the screen shows."
    ),
    "pace_late": lazy_gettext("It ends before it would reach anybody else. Choose a faster way, or everybody at once."),
    "party": lazy_gettext(
        "You have a part in this, or live in a building it concerns. Somebody else decides about it."
    ),
    "passkey_copied": lazy_gettext(
        "This passkey was refused: it answered as a copy of it would. Sign in another way, remove it, and add it again."
    ),
    "passkey_known": lazy_gettext("This passkey is added already."),
    "passkey_late": lazy_gettext("Too much time has passed. Start again."),
    "passkey_unknown": lazy_gettext("This passkey opens no account here. Sign in with your password."),
    "passkey_unreadable": lazy_gettext("The answer of the passkey could not be checked. Start again."),
    "passkeys_enough": lazy_gettext("You have 20 passkeys. Remove one you no longer use first."),
    "passkeys_not_here": lazy_gettext("This place can have no passkeys. Sign in with your password."),
    "password_long": lazy_gettext("Choose a password of at most 128 characters."),
    "password_short": lazy_gettext("Choose a password of at least 8 characters."),
    "peer_blocked": lazy_gettext("This town is blocked. Lift the block first."),
    "peer_is_us": lazy_gettext("This is your own address. Write the one of another town."),
    "peer_malformed": lazy_gettext("Write the address of the town as its browser shows it, for example town.example."),
    "peer_unknown": lazy_gettext("This town is not in the list."),
    "photo_heic": lazy_gettext(
        "This is a HEIC picture, as iPhones take them, and cannot be opened here. Send it as a JPEG: under Settings,"
        " Camera, Formats choose “Most compatible”, or take a screenshot of it."
    ),
    "photo_large": lazy_gettext("This picture is too large: 15 megabytes at most. Send a smaller one."),
    "photo_missing": lazy_gettext("Choose the photo these words are for, or clear them."),
    "photo_unknown": lazy_gettext("This cannot be opened as a picture. Choose a JPEG, PNG or WebP file."),
    "photos_many": lazy_gettext("A notice has three photos at most. Remove one to put another in its place."),
    "phone_shape": lazy_gettext(
        "Write a telephone number in digits, for example 04 91 00 00 00 or +33 4 91 00 00 00, or leave it empty."
    ),
    "pickup_far": lazy_gettext("Choose a moment within the next 60 days."),
    "pickup_past": lazy_gettext("This moment has passed. Choose a later one."),
    "place_missing": lazy_gettext("Say which building this is for."),
    "postcode_shape": lazy_gettext("Write the five digits of the postcode, for example 13004."),
    "relayed_too_many": lazy_gettext(
        "You write for twenty neighbours already. An organisation can do more: ask whoever runs this place."
    ),
    "quarter_absent": lazy_gettext("No quarter here is called so."),
    "quarter_known": lazy_gettext("This city already has a quarter of this name."),
    "quarter_line": lazy_gettext(
        "Write the name of the quarter and its postcode of five digits, for example: La Blancarde 13004."
    ),
    "quarter_missing": lazy_gettext("Say which quarter this is for."),
    "quarter_unknown": lazy_gettext("No quarter has this short name."),
    "quarter_open": lazy_gettext("This quarter is open: others know it by its name, which stays."),
    "quarter_same_name": lazy_gettext("Several quarters are called so. Name their city with --city."),
    "quarter_twice": lazy_gettext("This quarter is there twice. Write each once."),
    "quarter_unclear": lazy_gettext("Several quarters have this postcode. Name one with --quarter."),
    "quarters_missing": lazy_gettext("Write at least one quarter, for example: La Blancarde 13004."),
    "quarters_too_many": lazy_gettext("At most 500 quarters go in at once. Enter them in parts."),
    "recommendations_many": lazy_gettext("You recommend forty already. Take one away to add another."),
    "recommended_already": lazy_gettext("You recommend this business for this trade already. Change what you wrote."),
    "registered_shape": lazy_gettext("This is no number of the register, like AA1234567."),
    "residence_empty": lazy_gettext("The register counts no lots here. Enter this building by hand, if it is one."),
    "residence_itself": lazy_gettext("This is the same building. Name another one."),
    "residence_number": lazy_gettext("Neither of the two has a residence yet. Write its number in the register."),
    "residence_large": lazy_gettext(
        "This residence has more than 2,000 lots. Enter its buildings by hand, one by one."
    ),
    "residence_twice": lazy_gettext("An earlier line has this number already. Take the file as it is published."),
    "same_household": lazy_gettext("This person lives in your own home. Neighbours of other homes answer for them."),
    "site_shape": lazy_gettext("Write the address of a page, for example www.business.example, or leave it empty."),
    "skills_many": lazy_gettext("Ten lines are the most. Take one away to add another."),
    "slot_gone": lazy_gettext("This time is not offered any more. Choose one of those shown now."),
    "slot_taken": lazy_gettext("This time is taken. Choose another one."),
    "slug_shape": lazy_gettext("Choose 2 to 30 small letters without accents, digits or underscores."),
    "slug_taken": lazy_gettext("This short name is already in use. Choose another one."),
    "stays_in_town": lazy_gettext("This stays in town: choose who will see it here."),
    "stranger": lazy_gettext("This does not come from whoever wrote it first."),
    "suspended": lazy_gettext("This account is suspended. Sign in to read why."),
    "table_malformed": lazy_gettext("This line cannot be read as a table. Look at its quotation marks."),
    "terms_changed": lazy_gettext("The proposal has changed since you opened this page. Read it again, then agree."),
    "time_shape": lazy_gettext("Write a time of day, for example 18:30."),
    "told_before": lazy_gettext("This town was told of it already."),
    "too_long": lazy_gettext("This is too long. Shorten it."),
    "town_untold": lazy_gettext("No other town is told of this: it is ours, or that town takes no reports from here."),
    "trade_unknown": lazy_gettext("Choose a trade."),
    "unreachable": lazy_gettext("This neighbour no longer reads letters here."),
    "until_far": lazy_gettext("Choose a year at most, or until further notice."),
    "until_past": lazy_gettext("This moment has passed. Choose a later one, or until further notice."),
    "rule_missing": lazy_gettext("Say which rule of the house this is about."),
    "urgent_long": lazy_gettext("Choose a moment within the next three days. Nothing takes a whole wall for longer."),
    "urgent_past": lazy_gettext("This moment has passed. Choose a later one, or leave it empty."),
    "urgent_shape": lazy_gettext("Write a day and an hour, for example 2027-05-11 18:00."),
    "weekday_shape": lazy_gettext("Choose a day of the week."),
    "where_missing": lazy_gettext("Say where to meet, for example in front of the bakery."),
    "where_twice": lazy_gettext("Choose “Another place” above to meet there, or leave this empty."),
    "word_dead": lazy_gettext(
        "This word opens nothing. It works for a day: ask your neighbour to show it again, and compare each letter."
    ),
    "window_over": lazy_gettext("Choose a last day that is not before today nor before the first."),
    "window_overlaps": lazy_gettext("You offer this at that time already. Change the times, or remove the other line."),
    "window_short": lazy_gettext("Choose an end that leaves time for one neighbour at least."),
    "windows_many": lazy_gettext("There are seven lines at most. Remove one to add another."),
    "would_stay": lazy_gettext("Nothing would leave as it is. Choose a narrower audience, or ask who runs this place."),
    "words_missing": lazy_gettext("Write the word you look for. Words like “the” or “for” stand in every notice."),
    "wrong_credentials": lazy_gettext("Login name and password do not go together. Check both."),
    "wrong_password": lazy_gettext("This is not your present password."),
    "you_block": lazy_gettext("You block this person. Under “My account” you can change it, then write."),
}


def sentence(code: str) -> str:
    """The sentence for a code; an unknown one still says what to do."""
    known = SENTENCES.get(code)
    return str(known) if known is not None else gettext("This was not accepted. Check what you wrote.")
