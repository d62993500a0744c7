"""What columns are called, in German, Swedish, Danish, Dutch, French and English (and a little Italian and Spanish)."""

from __future__ import annotations

from typing import Final

from allmende.formats.words import fold

_NAMES: Final[dict[str, str]] = {
    "key": "id,identifier,identifiant,uid,uuid,guid,recordid,record id,event id,eventid,kennung,nummer,nr,objektnummer,"
    "referens,reference,objectid,dc identifier,identifiant museofile,externe id,external id,slug",
    "name": "titel,title,titre,titre fr,name,nom,naam,namn,navn,bezeichnung,veranstaltung,veranstaltungstitel,event,"
    "event name,event title,event titel,evenement,evenementsnavn,evenemang,arrangement,rubrik,rubrike,overskrift,"
    "överskrift,kop,headline,label,designation,nom officiel du musee,nom officiel,nom de l evenement,intitule,nome,"
    "denominazione,nombre,titolo,rdfs label,post title,summary name,nom du lieu,nom de l offre,benämning,betegnelse",
    "summary": "summary,kurzbeschreibung,kurztext,teaser,untertitel,subtitle,sous titre,chapeau,résumé,resume,ingress,"
    "underrubrik,undertitel,korte beschrijving,kortbeskrivning,kort beskrivelse,ondertitel,samenvatting,intro,excerpt,"
    "short description,descriptif court,description courte",
    "description": "description,beschreibung,beschreibungstext,text,details,beskrivning,beskrivelse,omschrijving,"
    "beschrijving,descriptif,description longue,descriptif detaille,content,inhalt,body,remarks,bemerkungen,"
    "anmerkungen,infos,information,informationen,desc,langtext,descrizione,rdfs comment,long description,brödtext",
    "start": "start,beginn,begin,anfang,von,datum,date,debut,date debut,date de debut,debut le,startdatum,start date,"
    "startdate,start dato,startdato,fra,från,van,vanaf,dato,ab,du,begindatum,dag,tag,jour,termin,starttime,start time,"
    "start datetime,dtstart,dtstart value,startzeitpunkt,fra dato,från datum,from,date from,datum von,datum start,"
    "event date,schema startdate,beginnt,beginnt am,startar,starter,premier jour,data inizio,begindatum en tijd,"
    "firstdate begin,date start",
    "end": "ende,end,bis,fin,date fin,date de fin,enddatum,end date,enddate,slut,slutdatum,slutdato,til,till,tot,"
    "einddatum,au,tom,t o m,t m,endtime,end time,dtend,endzeitpunkt,til dato,till datum,to,until,date to,datum bis,"
    "datum ende,schema enddate,endet,endet am,slutar,slutter,einde,eind,dernier jour,data fine,lastdate end,date end",
    "start_time": "uhrzeit,zeit,beginn uhrzeit,startzeit,anfangszeit,heure,heure debut,heure de debut,horaire,horaires,"
    "tid,starttid,klokkeslæt,klockslag,klockan,kl,tijd,tijdstip,begintijd,starttijd,time,start hour,time from,"
    "uhrzeit von,zeit von,fra kl,från kl,einlass",
    "end_time": "endzeit,uhrzeit bis,ende uhrzeit,zeit bis,heure fin,heure de fin,sluttid,sluttidspunkt,eindtijd,"
    "time to,til kl,till kl",
    "rrule": "rrule,recurrence,wiederholung,upprepning,gentagelse,herhaling,recurrence rule",
    "place_name": "ort der veranstaltung,veranstaltungsort,location,lieu,venue,plats,sted,locatie,spielort,place,"
    "venue name,location name,lokal,lieu nom,nom lieu,salle,spelplats,spillested,zaal,halle,place name,veranstaltungsstätte,"
    "location title,plaats van het evenement,lokation",
    "street": "strasse,straße,str,street,street address,streetaddress,adresse,address,anschrift,gata,gatuadress,adress,"
    "vej,gade,straat,adres,rue,voie,adresse 1,adresse1,address1,strasse hausnummer,strasse und hausnummer,"
    "straat en huisnummer,adresse postale,indirizzo,street and number,besöksadress,vejnavn",
    "postal_code": "plz,postleitzahl,postal code,postalcode,postcode,zip,zip code,zipcode,code postal,cp,postnummer,"
    "postnr,cap,postinumero",
    "locality": "ort,stadt,gemeinde,ortschaft,city,town,locality,village,commune,ville,localite,ort stadt,stad,kommun,"
    "by,bynavn,kommune,plaats,woonplaats,gemeente,postort,municipality,muni,plaatsnaam,comune,citta,ciudad,"
    "addresslocality,ort name,tätort",
    "region": "region,bundesland,landkreis,kreis,departement,département,province,provincie,län,landskap,county,state,"
    "region administrative,regione,provincia,kanton",
    "country": "land,country,pays,country code,landcode,ländercode,paese,landekode,addresscountry",
    "municipality_code": "code insee,insee,code commune,ags,gemeindeschlüssel,gemeindeschluessel,kommunkod,kommunekode,"
    "gemeentecode,lau,nis,nis code,municipality code,amtlicher gemeindeschlüssel,codice istat,istat,kommunenummer",
    "lat": "lat,latitude,breite,breitengrad,latitud,breddegrad,breddgrad,breedtegraad,y,coord y,geo lat,geolat,latitudine,"
    "schema latitude,wgs84 lat",
    "lon": "lon,lng,long,longitude,länge,laenge,längengrad,laengengrad,longitud,længdegrad,längdgrad,lengtegraad,x,"
    "coord x,geo lon,geo lng,geolon,longitudine,schema longitude,wgs84 lon",
    "point": "geo point 2d,geo point,geopoint,koordinaten,coordinates,coordonnées,coordonnees,koordinater,coördinaten,"
    "latlng,latlon,lat lon,lat lng,gps,position,geolocalisation,geolocation,geokoordinaten,geo",
    "url": "url,link,website,web,webseite,internet,homepage,internetadresse,site web,site internet,site,lien,lien web,"
    "webbplats,hemsida,webbsida,hjemmeside,netside,webside,webadresse,more info,weitere informationen,mehr infos,www,"
    "event url,permalink,lien url,sito web,canonical url,weblink",
    "email": "email,e mail,mail,mailadresse,e mailadresse,courriel,epost,e post,e postadress,mejl,mailadres,"
    "kontakt email,contact email,adresse mail,email adresse,adresse email",
    "phone": "telefon,tel,telephone,phone,téléphone,telefonnummer,telefoon,telefoonnummer,tlf,tél,ruf,rufnummer,"
    "phone number,numero de telephone,telefono,kontakt telefon",
    "contact_name": "kontakt,ansprechpartner,ansprechperson,contact,contact person,contactpersoon,kontaktperson,"
    "contact name,nom du contact,vorstand,personne de contact",
    "organiser_name": "veranstalter,organisator,organizer,organiser,organisateur,arrangör,arrangør,anbieter,träger,"
    "organizer name,nom organisateur,structure,organisation,organisateur nom,ausrichter,host,veranstalter name,"
    "organiser name,organization",
    "organiser_url": "veranstalter url,veranstalter website,organizer url,organiser url,org contact,organizer website",
    "organiser_email": "veranstalter email,veranstalter e mail,organizer email,organiser email,email organisateur",
    "organiser_phone": "veranstalter telefon,organizer phone,organiser phone,telephone organisateur",
    "categories": "kategorie,kategorien,kat,category,categories,categorie,catégorie,rubrique,kategori,kategorier,typ,type,"
    "thematique,thème,theme,art,genre,sparte,tags,tag,keywords,schlagwort,schlagworte,schlagwörter,mots cles,sökord,"
    "emneord,trefwoorden,soort,veranstaltungsart,kind,themen,ämne,tema,categoria,stichworte,mot cle,categorieën",
    "audience": "zielgruppe,zielgruppen,audience,public,målgrupp,målgruppe,doelgroep,public cible,target group,"
    "publics,alle zielgruppen",
    "age_min": "alter ab,mindestalter,age min,age minimum,min age,minimum age,alder fra,minimumleeftijd,from age,ab alter,"
    "ålder från",
    "age_max": "alter bis,höchstalter,age max,age maximum,max age,maximum age,maximumleeftijd",
    "price": "preis,eintritt,eintrittspreis,kosten,price,prix,tarif,tarifs,pris,avgift,entré,entre,entree,inträde,prijs,"
    "toegangsprijs,fee,cost,gebühr,gebuehr,admission,biljettpris,billetpris,ticket price,eintrittspreise,preise",
    "price_min": "preis ab,price min,min price,prix min,preis von,prix a partir de,minimum price,pris fra,pris från",
    "price_max": "preis bis,price max,max price,prix max,maximum price,pris til,pris till",
    "currency": "währung,waehrung,currency,devise,valuta,monnaie",
    "free": "kostenlos,gratis,gratuit,free,is free,kostenfrei,eintritt frei,fri entré,gratis entre,entrée libre,"
    "gratuité",
    "hours_text": "öffnungszeiten,oeffnungszeiten,opening hours,openinghours,hours,horaires d ouverture,öppettider,"
    "åbningstider,openingstijden,openingsuren,heures d ouverture,periodes ouverture,jours ouverture",
    "image": "bild,image,foto,photo,picture,image url,bild url,bildurl,afbeelding,billede,visuel,bilder,images,photos,"
    "thumbnail,vignette,img,media,image link,url image,lien image,pressefoto",
    "image_licence": "lizenz,bildlizenz,licence,license,image licence,image license,licence image,licens,licentie",
    "image_credit": "bildnachweis,copyright,credit,credits,fotograf,photographer,crédit photo,credit photo,foto credit,"
    "bildquelle,urheber,fotograaf,image credit,bildrechte,auteur photo",
    "image_alt": "alt,alt text,alttext,bildbeschreibung,image alt,alternativtext,texte alternatif,bildtext,billedtekst",
    "status": "status,statut,zustand,event status,eventstatus,etat",
    "modified": "geändert,geaendert,zuletzt geändert,modified,last modified,updated,updated at,last update,lastupdate,"
    "mise a jour,date de mise a jour,date maj,senast ändrad,uppdaterad,sidst ændret,opdateret,gewijzigd,"
    "laatst gewijzigd,record timestamp,aktualisiert,änderungsdatum,lastupdatedatatourisme,modified at,date modification",
    "accessibility.step_free": "barrierefrei,rollstuhlgerecht,rollstuhl,wheelchair,wheelchair accessible,accessible,"
    "accessibilité,accessibilite pmr,pmr,acces pmr,tillgänglig,rullstol,kørestol,kørestolsvenlig,rolstoeltoegankelijk,"
    "rolstoel,toegankelijk,stufenlos,step free,reducedmobilityaccess,barrierefreiheit,accessible pmr,handicap moteur",
    "accessibility.toilet": "behindertentoilette,rollstuhltoilette,accessible toilet,toilettes pmr,handikapptoalett,"
    "handicaptoilet,aangepast toilet,wc pmr,barrierefreies wc,wheelchair toilet",
    "accessibility.parking": "behindertenparkplatz,accessible parking,parking pmr,handikapparkering,handicapparkering,"
    "gehandicaptenparkeerplaats,invalidenparkeerplaats,disabled parking",
    "accessibility.hearing": "hörschleife,induktionsschleife,hearing loop,boucle magnetique,hörslinga,teleslynge,"
    "ringleiding,handicap auditif,gebärdensprache,sign language,langue des signes",
    "accessibility.vision": "blindenleitsystem,handicap visuel,audiodescription,audio description,braille,"
    "syntolkning,synstolkning",
    "accessibility.assistance_dog": "assistenzhund,assistenzhunde,blindenhund,chien guide,guide dog,assistance dog,"
    "ledarhund,førerhund,hulphond",
    "accessibility.easy_language": "leichte sprache,easy language,facile a lire,falc,lättläst,let at læse,eenvoudige taal",
}

COLUMN_NAMES: Final[dict[str, tuple[str, int]]] = {}
"""Folded column name -> field and its place in the list of names, the first being the surest."""
for _field, _words in _NAMES.items():
    for _place, _word in enumerate(_words.split(",")):
        COLUMN_NAMES.setdefault(fold(_word), (_field, _place))
