"""The words of the reference workload: domains, intents and the sentences around them.

Written for this workload; nothing is taken from a data set. A route is one domain with one intent, so
20 domains and 10 intents give 200 routes that overlap the way real routes do: every route shares its
nouns with nine others and its verbs with nineteen.
"""

DOMAINS: dict[str, list[str]] = {
    "invoice": ["invoice", "bill", "monthly charge", "payment receipt", "billing statement", "direct debit", "credit note", "overdue balance"],
    "parcel": ["parcel", "package", "delivery", "shipment", "courier order", "tracking number", "postal return", "customs form"],
    "flight": ["flight", "plane ticket", "boarding pass", "airline seat", "connecting flight", "checked luggage", "layover", "airport transfer"],
    "hotel": ["hotel room", "reservation at the hotel", "double room", "late checkout", "guest suite", "overnight stay", "hostel bed", "resort booking"],
    "restaurant": ["table for dinner", "restaurant", "lunch menu", "bistro reservation", "takeaway order", "tasting menu", "waiter service", "pizza order"],
    "recipe": ["soup recipe", "bread dough", "pasta sauce", "birthday cake", "vegetable curry", "roast chicken", "salad dressing", "oven temperature"],
    "card": ["credit card", "debit card", "card pin", "contactless payment", "cash withdrawal", "card limit", "bank transfer", "savings account"],
    "loan": ["mortgage", "car loan", "student loan", "interest rate", "loan instalment", "credit score", "home equity line", "refinancing offer"],
    "insurance": ["insurance policy", "health cover", "insurance claim", "deductible", "home insurance", "travel insurance", "premium", "accident report"],
    "doctor": ["doctor's appointment", "dentist visit", "blood test", "vaccination", "medical referral", "eye examination", "physiotherapy session", "clinic"],
    "medicine": ["prescription", "pain tablets", "antibiotics", "cough syrup", "allergy pills", "insulin dose", "pharmacy order", "eye drops"],
    "workout": ["workout plan", "gym membership", "running schedule", "yoga class", "strength training", "swimming lesson", "cycling route", "personal trainer"],
    "music": ["playlist", "song", "album", "radio station", "podcast episode", "concert ticket", "guitar lesson", "speaker volume"],
    "film": ["film", "television series", "documentary", "cinema ticket", "movie trailer", "streaming subscription", "subtitle file", "animated movie"],
    "weather": ["weather forecast", "rain radar", "temperature outside", "storm warning", "snow report", "wind speed", "humidity", "sunset time"],
    "house": ["living room lights", "thermostat", "front door lock", "washing machine", "security camera", "robot vacuum", "window blinds", "heating schedule"],
    "software": ["python script", "database query", "web server", "unit test", "docker container", "git branch", "memory leak", "stack trace"],
    "contract": ["employment contract", "rental agreement", "privacy policy", "non-disclosure agreement", "court deadline", "power of attorney", "trademark filing", "liability clause"],
    "course": ["online course", "final exam", "lecture notes", "homework assignment", "university application", "study group", "language class", "thesis chapter"],
    "car": ["car", "engine oil", "winter tyres", "brake inspection", "rental car", "parking permit", "fuel consumption", "charging station"],
}

# Per intent: sentences for examples, then first and second sentences for prompts, so that no prompt repeats an example.
INTENTS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "cancel": (
        ["cancel my {0}", "please cancel the {0}", "i no longer want the {0}", "stop the {0} right away", "how can i call off the {0}",
         "get rid of my {0}", "i changed my mind about the {0}, cancel it", "terminate the {0} before friday"],
        ["I would like to cancel the {0} that was arranged last week", "Could you call off my {0}, because it is not needed any longer"],
        ["Please stop the {0} as well, I no longer want it"],
    ),
    "status": (
        ["where is my {0}", "what is the status of the {0}", "has the {0} been confirmed yet", "any update on my {0}", "when will the {0} be ready",
         "is the {0} still pending", "track the {0} for me", "check whether the {0} went through"],
        ["Please check the status of my {0} and tell me when it will be ready", "I am still waiting and want an update on the {0}"],
        ["Has the {0} been confirmed, and where is it now"],
    ),
    "change": (
        ["change my {0}", "i need to modify the {0}", "move the {0} to another day", "update the details of my {0}", "can i switch the {0}",
         "edit the {0} please", "reschedule the {0} to monday", "replace the {0} with a different one"],
        ["I have to modify the {0}, so please move it to another day", "Can you update the details of the {0} for me"],
        ["If I can switch the {0} too, then reschedule it to Monday"],
    ),
    "broken": (
        ["the {0} does not work", "there is a problem with my {0}", "my {0} is wrong", "something failed with the {0}", "the {0} keeps giving an error",
         "i want to complain about the {0}", "why is the {0} broken", "the {0} was terrible, fix it"],
        ["There is a serious problem with the {0} and it does not work at all", "I want to complain, since the {0} failed twice already"],
        ["Since then the {0} keeps giving an error and is wrong"],
    ),
    "price": (
        ["how much does the {0} cost", "what is the price of a {0}", "is the {0} expensive", "give me a quote for the {0}", "are there fees for the {0}",
         "cheapest {0} available", "what will i pay for the {0}", "is there a discount on the {0}"],
        ["How much would the {0} cost me in total, with all fees", "I need a quote with the price of the {0}"],
        ["Are there fees for the {0}, or a discount"],
    ),
    "explain": (
        ["how does the {0} work", "explain the {0} to me", "what does {0} mean", "teach me about the {0}", "i do not understand the {0}",
         "what are the steps for the {0}", "describe the {0} in simple words", "why do i need a {0}"],
        ["Explain in simple words how the {0} works, step by step", "I do not really understand what the {0} means"],
        ["Teach me about the {0} as well, and why I need it"],
    ),
    "recommend": (
        ["recommend a good {0}", "what is the best {0}", "suggest a {0} for beginners", "any ideas for a {0}", "which {0} should i pick",
         "top rated {0} near me", "find me a nice {0}", "advise me on the {0}"],
        ["Which {0} should I pick, and what would you recommend for beginners", "Suggest the best {0} that people here like"],
        ["Any ideas for a nice {0} are welcome, the best you can find"],
    ),
    "order": (
        ["book a {0}", "i want to order a {0}", "set up a {0} for tomorrow", "reserve the {0}", "sign me up for the {0}",
         "arrange a {0} for two people", "get me a new {0}", "start a {0} today"],
        ["I want to order a new {0} for tomorrow, please arrange it", "Please book the {0} for two people and reserve it"],
        ["Sign me up for the {0} and set it up today"],
    ),
    "compare": (
        ["compare this {0} with the other one", "difference between one {0} and another", "is this {0} better than the last", "pros and cons of the {0}",
         "which of the two {0} options wins", "{0} versus the alternatives", "put the {0} side by side", "how does my {0} compare with others"],
        ["Compare the two options for the {0} side by side, with pros and cons", "What is the difference between this {0} and the alternatives"],
        ["Which of the two is better, and how does the {0} compare with others"],
    ),
    "summary": (
        ["summarise the {0}", "give me a short overview of the {0}", "list everything about my {0}", "write a report on the {0}", "what are the key facts of the {0}",
         "history of my {0}", "make a table of the {0} figures", "tell me the main points of the {0}"],
        ["Write a short summary of the {0} with its key facts", "Make a report that lists the main points of the {0}"],
        ["Give me a short overview of the {0} in a table"],
    ),
}

OPENERS = ["Hello there.", "Hi, I hope you can help me with this.", "Good morning!", "Thanks for the quick reply yesterday.", "Sorry to bother you again.",
           "Quick question before the weekend.", "My colleague told me to write to you.", "I have tried the other page already."]

CONTEXT = ["It has been like this since Tuesday and nobody has answered so far.", "My sister had the same thing a year ago and it took her two days.",
           "I looked at the page with the common questions and found nothing that fits.", "We are four people and the youngest is seven years old.",
           "The reference on the letter ends in 4471 if that is of any use.", "I can be reached in the evening, after half past six or so.",
           "Last month everything went well, which is why I am asking now.", "There is no great hurry, but this week would be better than next week.",
           "I have read the small print twice and am not sure about the second part.", "The person on the phone was friendly and could not see it in the system."]

CLOSERS = ["Thank you very much in advance.", "Please answer in two sentences.", "Best wishes, Robin", "I look forward to your reply.", "Kind regards from Leeds."]

# Sentences with letters beyond ASCII, in the share that typed English has: quotes, dashes, names, signs.
TYPOGRAPHIC = ["I’d be glad if that’s possible — it isn’t urgent.", "My name is Zoë Müller, from Kraków.", "The café on the corner couldn’t tell me either…", "It said “not found” at 5 °C, for €20."]

# What no route was made for.
ELSEWHERE = ["My grandfather used to say that the stars over the desert look like spilled salt.", "Seventeen crows sat on the wire and none of them said a word.",
             "The philosopher argued that a river has no memory of its own banks.", "An emperor penguin can dive deeper than most submarines of the last century.",
             "Blue is older than green, at least in the language of that island.", "The chess club voted for the Sicilian and then played the French."]

ADJECTIVES = ["amber", "brisk", "coastal", "dusty", "eager", "frosted", "gilded", "hollow", "ivory", "jagged", "kindled", "lunar", "mellow", "northern", "opal",
              "pebbled", "quiet", "rugged", "silver", "tidal", "umber", "velvet", "woven", "yonder", "zesty"]
NOUNS = ["anchor", "beacon", "cradle", "draper", "ember", "falcon", "garnet", "harbour", "inkwell", "juniper", "kestrel", "lantern", "magnet", "nettle", "orchard",
         "pillar", "quarry", "ribbon", "saddle", "thistle", "urn", "violet", "walnut", "yarrow", "zither"]
SYLLABLES = ["bra", "cor", "dul", "fen", "gar", "hel", "jun", "kov", "lir", "mox", "nar", "pel", "quo", "rus", "sil", "tam", "ulv", "vex", "wim", "yor", "zan"]
