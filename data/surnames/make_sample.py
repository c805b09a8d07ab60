"""Make the embedded sample of surnames: one file for each language, in the layout of the full set.

    python data/surnames/make_sample.py            # writes into the folder of this file
    python data/surnames/make_sample.py --out DIR

Only maintainers run this. The names below were typed in from general knowledge, as facts about the world that
no list of others was copied for; a line that begins with an ending such as `-ov` adds it to each stem.
Languages that do not use the Latin alphabet are transcribed: Chinese in pinyin without tones, Japanese as in
passports, Russian, Greek, Korean, Arabic in the usual English spelling. Others keep their own letters.

As in the full set, some names stand in two languages, and some are listed more than once: `listed` says how
often. The order in each file is the alphabet's, by Unicode code points. The same script writes the same bytes.
"""

import argparse
import hashlib
import tempfile
import unicodedata
from pathlib import Path

ARABIC_REPEATS = 3  # in the full set each Arabic name is listed some 18 times
EVERY = 12  # of the other languages every twelfth name is listed twice

NAMES = {
    "Arabic": """
Abadi Abbas Abboud Ajami Akkad Alawi Amin Ansari Asfour Atallah Awad Aziz Baghdadi Barakat Bashir Bishara Darwish
Faraj Fares Farouk Ghanem Habib Haddad Haik Hakim Halabi Hamdan Hamid Harb Hashemi Hassan Hijazi Husseini Ibrahim
Jaber Jamal Karam Kassab Kattan Khalil Khatib Khoury Malouf Mansour Masri Mustafa Najjar Nasser Qasim Rahal Saad
Sabbagh Said Salib Sarraf Shadid Shaheen Suleiman Tawfiq Zaher
""",
    "Chinese": """
Bai Cai Cao Chang Chen Cheng Cui Dai Deng Ding Dong Du Fan Fang Feng Fu Gao Gong Guo Han He Hou Hu Huang Jia Jiang
Jin Kong Lai Li Liang Liao Lin Liu Long Lu Luo Ma Mao Meng Ouyang Pan Peng Qian Qin Qiu Ren Shao Shen Shi Sima Song
Su Sun Tang Tian Wan Wang Wei Wen Wu Xia Xiao Xie Xiong Xu Xue Yan Yang Yao Ye Yin Yu Yuan Zeng Zhang Zhao Zheng
Zhong Zhou Zhu Zou
""",
    "Czech": """
Adámek Bartoš Bednář Beneš Beran Bílek Blažek Brabec Bureš Čapek Čech Čermák Černý Doležal Dostál Dušek Dvořák
Fiala Fišer Hájek Hanák Havel Havlíček Holub Horáček Horák Hrubý Hruška Hudeček Jandáček Janda Janoušek Jelínek Ježek
Kadlec Kašpar Kolář Konečný Kopecký Kos Kovář Král Krejčí Kříž Kučera Liška Macháček Malý Marek Mareš Mašek Matějka
Moravec Musil Navrátil Němec Novák Novotný Pavlíček Pešek Pokorný Polák Pospíšil Procházka Růžička Říha Sedláček
Slezák Smetana Soukup Staněk Strnad Svoboda Sýkora Šimek Šťastný Štěpánek Toman Tůma Urban Vacek Vaněk Vávra Veselý
Vlček Vondráček Zelenka Zeman Žák
""",
    "Dutch": """
Aalbers Bakker Beekhof Blom Boer Bos Bosch Bosman Brouwer Claassen Dekker Dijkstra Driessen Evers Geerts Groot
Haanstra Heemskerk Hendriks Hoekstra Huisman Jacobs Jansen Janssen Koning Kramer Kuipers Leeuwenhoek Maas Meijer
Molenaar Mulder Peeters Postma Prins Scholten Schouten Smit Snijders Terpstra Timmermans Veenstra Verbeek Vermeulen
Verhoeven Visser Vliet Vos Wagenaar Willems Zijlstra Zonneveld De_Boer De_Graaf De_Jong De_Vries De_Wit Ter_Horst
Van_Beek Van_Dam Van_den_Berg Van_der_Linden Van_der_Meer Van_Dijk Van_Leeuwen
""",
    "English": """
Abbott Ackroyd Adams Aldridge Allen Anderson Andrews Appleby Archer Armstrong Ashton Atkins Atkinson Attwood Austin
Bailey Baker Baldwin Barker Barlow Barnes Barrett Bartlett Barton Bateman Beckett Bell Bennett Benson Bentley Berry
Birch Bishop Blackburn Blackwell Blake Bond Booth Bowen Bowman Bradford Bradley Bradshaw Braithwaite Brewer Bridges
Brooks Broughton Brown Bruce Bryant Buckley Bullock Burgess Burns Burton Butcher Butler Buxton Byrne Cameron Campbell
Carpenter Carr Carter Cartwright Chadwick Chambers Chandler Chapman Charlton Church Churchill Clark Clarke Clayton
Clifford Clifton Cole Coleman Collins Cook Cooke Cooper Corbett Cox Crawford Croft Crossley Cunningham Curtis Dalton
Davies Davis Dawson Dean Denton Dickinson Dixon Dobson Doyle Drake Duckworth Duncan Eastwood Eaton Edwards Elliott
Ellis Evans Fairclough Farmer Farrell Faulkner Fawcett Ferguson Field Fielding Finch Fisher Fletcher Flynn Foster
Fowler Fox Francis Franklin Fraser Freeman Frost Gardner Garner Gibbons Gibson Gilbert Goddard Goodman Goodwin
Gordon Graham Grant Graves Gray Green Greenwood Gregory Griffin Griffiths Hale Hall Hamilton Hammond Hampton Hancock
Harding Hardy Hargreaves Harper Harris Harrison Hartley Harvey Hawkins Hayward Heath Henderson Hewitt Higgins Hill
Hilton Hobbs Hodgson Holden Holland Holloway Holmes Holt Hooper Hopkins Horton Houghton Howard Howarth Howell Hudson
Hughes Humphries Hunt Hunter Hurst Hutchinson Ingham Jackson Jacobs James Jennings Johnson Johnston Jones Kelly
Kendall Kennedy Kent Kerr Kershaw King Kirby Knight Lamb Lambert Lancaster Lane Lawrence Lawson Lee Leigh Lewis
Lister Lloyd Long Lord Lowe Lucas Macdonald Mackenzie Mann Manning Marsden Marsh Marshall Martin Mason Matthews
Mellor Middleton Miles Miller Mills Milner Mitchell Moore Morgan Morley Morris Morrison Morton Moss Murphy Murray
Myers Nash Naylor Nelson Newman Newton Nicholls Nixon Norris North Norton Oakley Ogden Oldham Oliver Osborne Owen
Page Palmer Parker Parkin Parsons Patterson Payne Peacock Pearson Perkins Perry Phillips Pickering Pike Plant
Pollard Poole Porter Potter Powell Pratt Preston Price Pritchard Radcliffe Ramsden Rawlings Reed Reeves Reid
Reynolds Rhodes Richards Richardson Riley Roberts Robertson Robinson Rogers Rose Ross Rowe Russell Ryan Salt Sanders
Saunders Savage Schofield Scott Sharp Shaw Shepherd Simmons Simpson Sinclair Skinner Slater Smart Smith Spencer
Stephenson Stewart Stone Sullivan Sutcliffe Sutherland Sutton Swift Sykes Tate Taylor Thompson Thornton Thorpe
Townsend Tucker Turnbull Turner Tyler Underwood Vaughan Vickers Wade Walker Wallace Walsh Walton Ward Warner Warren
Waterhouse Waters Watkins Watson Watts Webb Webster Wells Weston Wheeler Whitaker White Whitehead Whittle Wilkinson
Williams Willis Wilson Winter Wood Woodward Wright Yates Young
""",
    "French": """
Allard Arnaud Aubert Barbier Baudoin Beaufort Beaumont Bélanger Benoît Bernard Besson Blanchard Blanchet Bonnet
Bouchard Boulanger Bourgeois Boyer Brun Carpentier Chevalier Clément Cordier Cousteau Delacroix Delacour Deschamps
Desjardins Dubois Dufour Dumont Dupont Duval Fabre Faucher Fontaine Fournier François Gagnon Garnier Gauthier Gérard
Germain Girard Giraud Guérin Guillaume Hébert Jacquet Lachance Lacroix Lambert Laurent Lavigne Leblanc Leclerc
Leclercq Lefèvre Legrand Lemaire Lemoine Leroux Leroy Lévêque Marchand Martin Mercier Meunier Michaud Moreau Morel
Noël Papin Pelletier Perrault Perrin Petit Poirier Prévost Renard Renaud Rivière Robert Roche Rousseau Roussel
Simon Tessier Thibault Tremblay Vaillant Vasseur Vidal
""",
    "German": """
Adler Albrecht Altmann Arnold Bach Bauer Baumann Baumgartner Beck Becker Behrens Berger Bergmann Böhm Brandt Braun
Brückner Bürger Busch Decker Dietrich Döring Ebert Eckert Engel Fiedler Fischer Frank Franke Friedrich Fuchs Geiger
Gerlach Goldschmidt Gottschalk Graf Groß Günther Haas Hahn Hartmann Heinrich Herrmann Herzog Hoffmann Hofmann Holzer
Horn Huber Jäger Jung Kaiser Kaufmann Keller Kirchner Klein Koch Köhler König Krämer Kraus Krause Krüger Kühn Kunz
Lang Lange Lehmann Lindemann Lorenz Ludwig Maier Mayer Meier Meyer Möller Müller Nagel Neumann Oppenheimer Otto
Pfeiffer Pohl Richter Ritter Roth Sauer Schäfer Scherer Schiller Schlegel Schmid Schmidt Schmitz Schneider Scholz
Schreiber Schröder Schubert Schulz Schumacher Schuster Schwarz Seidel Simon Sommer Stein Steiner Straub Strauß
Thiele Ullrich Vogel Vogt Voigt Wagner Walter Weber Weiß Werner Winkler Winter Wolff Wünsche Ziegler Zimmermann
""",
    "Greek": """
Adamopoulos Alexopoulos Anagnostou Andreadis Angelopoulos Antoniou Apostolou Athanasiadis Christodoulou Daskalakis
Demetriou Diamantis Dimitriadis Dimopoulos Economou Filippidis Fotopoulos Galanis Georgiadis Georgiou Giannakopoulos
Hatzis Iliopoulos Ioannidis Kaloudis Kanellopoulos Karagiannis Karamanlis Katsaros Konstantinidis Kostopoulos
Koutsoukis Kyriakou Lambros Makris Manolakis Mavros Mitropoulos Mitsotakis Nikolaidis Oikonomou Panagopoulos
Papadakis Papadimitriou Papadopoulos Papageorgiou Pappas Pavlidis Petrakis Petridis Rallis Samaras Savvidis
Spyropoulos Stamatopoulos Stavrou Theodorou Tsakiris Vassiliou Vlachos Xenakis Zografos
""",
    "Irish": """
Ahern Brady Breen Brennan Byrne Cafferty Carroll Cassidy Clancy Coughlan Cullen Cusack Daly Delaney Dempsey Devlin
Doherty Donnelly Donovan Doyle Duffy Fahey Finnegan Fitzgerald Flaherty Flanagan Flynn Foley Gallagher Geraghty
Grady Hanrahan Healy Hennessy Hogan Keane Kearney Keating Kelly Kennedy Kiernan Lafferty Lynch Mac_Cárthaigh
Mac_Gearailt McCarthy McGrath McGuinness Mac_Mathúna Madigan Maguire Maloney Moran Mulligan Murphy Nolan Ó_Briain
Ó_Ceallaigh Ó_Conaill Ó_Dónaill Ó_Murchú Ó_Néill Ó_Súilleabháin O'Brien O'Connell O'Connor O'Donnell O'Keefe
O'Mahony O'Neill O'Reilly O'Rourke O'Sullivan O'Toole Quinn Rafferty Reilly Rooney Ryan Shanahan Sheehan Sullivan
Sweeney Tierney Tracey Walsh Whelan
""",
    "Italian": """
Agnelli Albertini Amato Angelini Antonelli Baldini Barbieri Barone Basile Battaglia Bellini Benedetti Bernardi
Bianchi Boccaccio Bonetti Botticelli Brambilla Bruno Buonarroti Caputo Carbone Caruso Castiglione Cattaneo Cavallo
Colombo Conte Conti Coppola Costa D'Amico D'Angelo De_Angelis De_Luca De_Santis Del_Vecchio Di_Stefano Donatelli
Esposito Fabbri Farina Fellini Ferrara Ferrari Ferraro Ferri Fiore Fontana Fumagalli Galli Gallo Garibaldi Gatti
Gentile Giordano Giuliani Grassi Grasso Greco Guerra Leone Lombardi Lombardo Longo Lo_Presti Mancini Manfredi
Marchetti Mariani Marini Marino Martinelli Martini Mazza Medici Messina Milani Monti Morelli Moretti Moro Napolitano
Negri Neri Orlando Palmieri Palumbo Parisi Pellegrini Pellegrino Piras Poletti Puccini Ricci Rinaldi Riva Rizzo
Romano Rossetti Rossi Ruggiero Russo Sala Sanna Santoro Serra Silvestri Sorrentino Spinelli Tagliaferro Testa Valentini
Ventura Verdi Villa Visconti Vitale Vivaldi Zanetti Zanotti
""",
    "Japanese": """
Abe Adachi Akiyama Ando Aoki Aoyama Arai Araki Asano Baba Chiba Doi Endo Enomoto Fujii Fujimoto Fujita Fujiwara
Fukuda Fukui Furukawa Goto Hamada Hara Harada Hasegawa Hashimoto Hattori Hayashi Higuchi Hirano Hirata Honda Hoshino
Ichikawa Igarashi Iida Ikeda Imai Inoue Ishida Ishihara Ishii Ishikawa Ito Iwamoto Iwasaki Kaneko Kataoka Kato Kawaguchi
Kawai Kawakami Kawamura Kawasaki Kikuchi Kimura Kinoshita Kitagawa Kobayashi Kojima Kondo Konno Kubo Kudo Kuroda
Maeda Maruyama Masuda Matsubara Matsuda Matsui Matsumoto Matsuo Matsuoka Minami Miura Miyamoto Miyazaki Mizuno Mochizuki
Mori Morita Moriyama Murakami Murata Nagai Nagano Nakagawa Nakajima Nakamura Nakano Nakayama Nishida Nishimura
Nishiyama Noda Noguchi Nomura Ogawa Ogura Oishi Okada Okamoto Okumura Ono Ota Otsuka Ozaki Saito Sakai Sakamoto
Sakurai Sano Sasaki Sato Sawada Shibata Shimada Shimizu Sugawara Sugimoto Sugiyama Suzuki Tachibana Takada Takagi
Takahashi Takano Takeda Takeuchi Tamura Tanaka Taniguchi Terada Toda Tsuchiya Tsuji Uchida Ueda Ueno Uno Wada
Watanabe Yamada Yamaguchi Yamamoto Yamashita Yamazaki Yano Yasuda Yokoyama Yoshida Yoshikawa Yoshimura
""",
    "Korean": """
Ahn Baek Bae Bang Chang Cho Choe Choi Chung Gwak Ha Han Heo Hong Hwang Im Jang Jeon Jeong Ji Jo Joo Jung Kang Kim Ko
Kwak Kwon Min Moon Nam Noh Oh Park Ryu Seo Shim Shin Sohn Song Yang Yeo Yoo Yoon
""",
    "Polish": """
Adamczyk Bąk Baran Błaszczyk Borkowski Chmielewski Cieślak Czarnecki Dąbrowski Duda Dudek Gajewski Głowacki
Górski Grabowski Jabłoński Jankowski Jasiński Jaworski Kaczmarek Kamiński Kołodziej Kowalczyk Kowalski Kozłowski
Krawczyk Król Lewandowski Lis Maciejewski Majewski Makowski Malinowski Mazur Michalak Nowak Olszewski Ostrowski Pająk
Pawlak Piątek Pietrzak Piotrowski Przybylski Rutkowski Sadowski Sienkiewicz Sikora Sobczak Stępień Szczepański
Szewczyk Szymański Śliwa Tomaszewski Walczak Wieczorek Wiśniewski Witkowski Włodarczyk Wojciechowski Wójcik Woźniak
Wróbel Wysocki Zając Zakrzewski Zalewski Zawadzki Zieliński
""",
    "Portuguese": """
Almeida Alves Araújo Azevedo Barbosa Barros Braga Cabral Carvalho Coelho Correia Costa Cunha Ferreira Fonseca Freitas
Gomes Gonçalves Guimarães Henriques Lopes Machado Magalhães Marques Matos Melo Mendonça Moreira Nogueira Oliveira
Pereira Pinto Ribeiro Rocha Rodrigues Santos Silva Simões Teixeira Vieira
""",
    "Russian": """
-ov Abakum Abram Agafon Akim Aksyon Aleksandr Anisim Antip Anton Arkhip Artamon Artyom Baran Barsuk Belous Belyak
-ov Bespal Bobr Bogdan Bogomol Boris Bubn Bulat Burlak Byk Chekh Cherkas Chern Chernysh Chistyak Danil Davyd Demid
-ov Denis Dolg Drozd Dyak Dyatl Efim Efrem Egor Emelyan Ermak Ersh Fedot Filat Filipp Firs Frol Fyodor Gavril
-ov Gerasim Glukh Golub Gorbun Gorshk Grib Grom Gusar Ignat Isak Ivan Kaban Kalmyk Karp Kazak Khariton Khokhl Kholod
-ov Kirill Klim Kolos Komar Kondrash Konoval Konstantin Kopyl Kot Kozl Krasn Krugl Krut Kryl Kulak Kulik Kuznets
-ov Larion Lavr Leon Loban Lob Loskut Lukyan Maksim Malakh Martyn Masl Matros Melnik Mikhail Miron Mitrofan Mokh
-ov Molot Moroz Nazar Nikanor Nikifor Nikon Nil Nosk Novik Obukh Ogorodnik Orl Osip Pakhom Panfil Pankrat Paramon
-ov Pastukh Pavl Pest Petr Petukh Pirog Platon Plotnik Polikarp Polyak Pop Potap Prokhor Protas Rodion Rog Roman
-ov Rusak Rusan Ryab Rybak Ryzh Samoil Sazon Selivan Seliverst Semyon Shapoval Sharap Shar Shestak Shil Shirok
-ov Shuval Sidor Simon Smirn Sokol Spiridon Stepan Stolyar Strelk Strelts Suvor Tarakan Taras Tikhomir Tikhon Tit
-ov Tretyak Trifon Trofim Tsvetk Tuman Udalts Ulan Usak Ushak Us Ustin Uvar Vavil Vinograd Vinokur Vlas Volk
-ov Voronts Yazyk Yuras Zakhar Zhar Zhdan Zhir Zhuk Zot Zub Zyk
-ev Alekse Anany Andre Arseny Astafy Avde Balakir Belya Bogatyr Chebotar Dmitri Elise Ermola Evse Evstigne Fade
-ev Gorbach Gorde Grach Grigory Gus Ignaty Kisel Kondraty Korne Korol Kosar Kozyr Kudryavts Lapt Lazar Lebed Leonty
-ev Make Malts Matve Medved Mikhe Moise Muravy Nikola Novoselts Pantele Patrike Pivovar Ponomar Prokofy Pugach
-ev Rumyants Savely Serge Shmel Sobol Solovy Syso Terenty Timofe Tokar Tsar Vasily Voroby Yakovl Yury Zaits Zhuravl
-ev Zinovy Zolotar Zver Zvyagints
-in Alyosh Babushk Bakht Batur Belk Berez Blokh Borod Bun Chapyg Dolin Dyom Fok Fom Gagar Galk Golov Ily Ilyush Kalin
-in Kalug Kapust Karamz Karpukh Kash Korov Koshk Kost Kukushk Kulag Kurk Kurochk Kuzm Lagut Lap Lar Len Lopat Luk Lyap
-in Malyshk Malyut Mam Mikul Mish Mit Mukh Nikish Nikit Nikul Ovechk Pan Petrush Pron Pushk Putil Put Rakit Rasput Rep
-in Rogoz Romash Ryb Ryum Sav Savushk Sazh Shchuk Shishk Shub Shuksh Skryab Sorok Stal Starost Tyur Utk Vas Vdov
-in Volod Voron Yash Yelts Yud Zamyat Zhil Zim Zor
-sky Arkhangel Belin Bel Chaikov Chernyshev Dostoev Dzerzhin Floren Gorodet Kamen Kandin Keren Konchalov Kovalev
-sky Krasin Lavrov Levit Lobachev Lugan Lunachar Makov Malinov Mayakov Merezhkov Meshcher Mussorg Nev Nikol Nizhin
-sky Obolen Orlov Ostrov Ozer Petrov Pokrov Polon Polyan Preobrazhen Rozhdestven Rudnit Smolen Sobolev Speran Stravin
-sky Tarkov Troit Tsiolkov Tukhachev Tvardov Uspen Vladimir Voskresen Voznesen Vyazem Vysot Yavlin Zhukov Znamen
-enko Bondar Chern Demch Dorosh Fedor Gavril Gonchar Ivan Karp Kharch Kiril Klim Kondrat Korol Koval Kravch Lys Makar
-enko March Nazar Nester Pavl Petr Radch Rodch Roman Savch Shevch Sidor Stepan Taras Timosh Tkach Vasil Yurch Zinch
-nikov Barysh Bolot Kalash Koles Kozhev Krasil Myas Ovchin Pryanish Rukavish Sadov Sapozh Shaposh Shkol Sot Svech
-vich Abramo Bogdano Davido Grigoro Kagano Male Marke Rabino Shostako Yushke
Chernykh Dolgikh Donskoy Durnovo Gogol Lugovoy Russkikh Sedykh Shakhovskoy Shvets Tolstoy Trubetskoy Vereshchagin
Zheleznyakov Zhivago
""",
    "Scottish": """
Anderson Bell Brown Cameron Campbell Clark Crawford Cunningham Duncan Ferguson Fraser Gibson Gordon Graham Grant Gray
Hamilton Henderson Hunter Johnston Kerr Macdonald Mackenzie Marshall Mitchell Morrison Murray Paterson Reid
Robertson Ross Scott Sinclair Stewart Sutherland Thomson Walker Wallace Watson Wilson Young
""",
    "Spanish": """
Acosta Aguilar Alonso Álvarez Arroyo Ávila Benítez Blanco Bravo Caballero Cabrera Calderón Campos Cano Castillo Castro
Colón Contreras Córdoba Cortés Crespo Cruz De_la_Cruz Del_Río Delgado Díaz Domínguez Durán Echeverría Escobar Espinosa
Fernández Flores Fuentes Gallego García Garrido Gil Giménez Gómez González Guerrero Gutiérrez Guzmán Hernández Herrera
Herrero Hidalgo Ibáñez Iglesias Jiménez León López Lozano Marín Martín Martínez Medina Méndez Mendoza Molina Montero
Morales Moreno Muñoz Nájera Navarro Núñez Ortega Ortiz Parra Peña Pérez Quintana Ramírez Ramos Reyes Rivera Rodríguez
Rojas Romero Rubio Ruiz Sáez Salazar Sánchez Santana Santos Serrano Silva Soto Suárez Torres Trujillo Vargas Vásquez
Vázquez Vega Velasco Vidal Villanueva Zamora Zapata
""",
    "Vietnamese": """
An Bạch Bùi Cao Châu Chu Đàm Đặng Đào Diệp Đinh Đỗ Đoàn Dương Giang Hà Hàn Hồ Hoàng Huỳnh Khúc Kiều La Lã Lâm Lê
Lương Lưu Lý Mạc Mai Ngô Nguyễn Ninh Phạm Phan Phùng Quách Quang Tạ Tăng Thạch Thái Thân Tô Tôn Tống Trần Triệu
Trịnh Trương Từ Văn Võ Vũ Vương
""",
}


def names_of(language: str) -> list[str]:
    """The names of one language in the order in which they were typed, in NFC; ValueError for one typed twice."""
    names = []
    for line in NAMES[language].strip().splitlines():
        words = line.split()
        ending = words.pop(0)[1:] if line.startswith("-") else ""
        names += [word.replace("_", " ") + ending for word in words]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{language}: typed in twice: {', '.join(twice)}")
    return [unicodedata.normalize("NFC", name) for name in names]


def listed(language: str) -> list[str]:
    """The lines of one language's file: its names, sorted, some of them several times."""
    names = names_of(language)
    repeats = names * (ARABIC_REPEATS - 1) if language == "Arabic" else names[::EVERY]
    return sorted(names + repeats)


def write(folder: Path) -> None:
    """Write all files and their checksums into an existing folder."""
    contents = {f"{language}.txt": "\n".join(listed(language)) + "\n" for language in NAMES}
    for name, text in contents.items():
        _replace(folder / name, text)
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(contents.items())]
    _replace(folder / "SHA256SUMS", "".join(sums))


def _replace(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=".unfinished-", delete=False) as file:
        file.write(text.encode())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, metavar="DIR")
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
